"""Routing among its real neighbours, and the people who use them."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qyzmet.cases.v1 import cases_pb2, cases_pb2_grpc
from qyzmet.routing.v1 import routing_pb2 as pb
from qyzmet.routing.v1 import routing_pb2_grpc as pb_grpc
from services.cases import app as cases_app
from services.catalog import app as catalog_app
from services.chassis import testing
from services.chassis.application import Platform
from services.chassis.bus.port import Message, Record
from services.chassis.principal import Principal, Role
from services.routing import app
from tests.policy import unsampled
from tests.unit.routing import model, register
from tests.unit.routing.model import Model

CITIZEN = Principal("citizen-1", Role.CITIZEN)
STRANGER = Principal("citizen-2", Role.CITIZEN)
TRIAGE = Principal("triage-1", Role.TRIAGE_OFFICER)
ONLOOKER = Principal("admin-1", Role.ADMINISTRATOR)
SERVICE = Principal("service:test", Role.SERVICE)
TOPIC = "qyzmet.cases.v1"
DEADLINE = 60.0
CALLED = ("cases", "routing")


@dataclass
class Clock:
    """A clock that goes only when told."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class World:
    """Cases, catalog, a classifier and routing, with people who call them."""

    platform: Platform
    model: Model
    clock: Clock
    cases: cases_pb2_grpc.CasesServiceStub
    routing: pb_grpc.RoutingServiceStub
    count: Iterator[int] = field(default_factory=lambda: iter(range(10_000)))

    def ask(self, method: str, principal: Principal | None = CITIZEN, **fields: Any) -> Any:
        """Call routing."""
        request = getattr(pb, f"{method}Request")(**fields)
        return testing.caller(self.platform, principal).call(getattr(self.routing, method), request)

    def confirm(self, case: cases_pb2.Case, principal: Principal = CITIZEN, **fields: Any) -> Any:
        """Choose as a citizen."""
        values = {"case_id": case.id, "request_id": "choice-1"} | fields
        return self.ask("ConfirmCase", principal, **values).case

    def assign(self, case: cases_pb2.Case, **fields: Any) -> Any:
        """Choose as a triage officer."""
        values = {"case_id": case.id, "request_id": "choice-1"} | fields
        return self.ask("AssignCase", TRIAGE, **values).case

    def tell(self, method: str, principal: Principal, **fields: Any) -> Any:
        """Call cases."""
        request = getattr(cases_pb2, f"{method}Request")(**fields)
        return testing.caller(self.platform, principal).call(getattr(self.cases, method), request)

    def submit(self, text: str, region: str = "") -> cases_pb2.Case:
        """Hand a request in, and return its receipt."""
        name = f"submission-{next(self.count)}"
        return self.tell("SubmitCase", CITIZEN, request_id=name, text=text, region=region).case

    def give_back(self, case: cases_pb2.Case, office: str, **meant: str) -> cases_pb2.Case:
        """Return a case as the office that holds it, and say whose it may be."""
        fields = {"case_id": case.id, "request_id": f"return-{next(self.count)}", "office": office}
        kind = cases_pb2.RESPONSE_KIND_RETURN
        return self.tell(
            "RecordResponse", SERVICE, kind=kind, reason_code="NOT_COMPETENT", **fields, **meant
        ).case

    def get(self, case: cases_pb2.Case) -> cases_pb2.Case:
        """Look at a case."""
        return self.tell("GetCase", ONLOOKER, case_id=case.id).case

    def decided(self, case: cases_pb2.Case) -> cases_pb2.Case:
        """Wait until a case is decided upon, and return it."""
        waiting = (cases_pb2.STATE_SUBMITTED, cases_pb2.STATE_RETURNED)
        eventually(lambda: self.get(case).state not in waiting)
        return self.get(case)

    def submit_decided(self, text: str, region: str = "") -> cases_pb2.Case:
        """Hand a request in and wait for what becomes of it."""
        return self.decided(self.submit(text, region))

    def publish(self, key: str, value: bytes, **headers: str) -> None:
        """Put a record on the topic of cases."""
        self.platform.bus.publish([Message(TOPIC, key, value, headers)])

    def history(self, topic: str = TOPIC) -> list[Record]:
        """Read a topic."""
        return list(self.platform.bus.history(topic))


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.01)


@contextmanager
def world_in(folder: Path, **settings: Any) -> Iterator[World]:
    """Build the world in a folder."""
    catalogue = register.save(folder / "catalogue")
    settings = {"policy": unsampled(folder)} | settings
    with ExitStack() as stack:
        enter = stack.enter_context
        platform = enter(testing.platform_in(folder / "data", catalogue=catalogue, **settings))
        clock, answers = Clock(), Model()
        platform.clock = clock
        enter(testing.running(platform, catalog_app.build(platform)))
        enter(testing.running(platform, model.build(platform, answers)))
        enter(testing.running(platform, cases_app.build(platform)))
        enter(testing.running(platform, app.build(platform)))
        to = {name: enter(testing.channel_to(platform.addresses[name])) for name in CALLED}
        yield World(
            platform,
            answers,
            clock,
            cases_pb2_grpc.CasesServiceStub(to["cases"]),
            pb_grpc.RoutingServiceStub(to["routing"]),
        )
