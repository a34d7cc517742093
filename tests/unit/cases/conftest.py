"""A running cases service, its store, and callers in several names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.cases.v1 import cases_pb2_grpc as pb_grpc
from services.cases import app
from services.chassis import testing
from services.chassis.application import Platform
from services.chassis.config import Settings
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import Cabinet, cabinet_in

SERVICE = Principal("service:test", Role.SERVICE)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with testing.platform_in(tmp_path) as platform:
        yield platform


@dataclass
class Client:
    """Calls cases in any name."""

    platform: Platform
    stub: pb_grpc.CasesServiceStub

    def call(self, method: str, request: Any, principal: Principal | None = None) -> Any:
        return testing.caller(self.platform, principal).call(getattr(self.stub, method), request)

    def submit(self, key: str = "k1", text: str = "Паспорт жоғалттым", **more: Any) -> pb.Case:
        who = more.pop("principal", None)
        request = pb.SubmitCaseRequest(request_id=key, text=text, **more)
        return self.call("SubmitCase", request, who).case

    def get(self, case_id: str, principal: Principal | None = None) -> pb.Case:
        return self.call("GetCase", pb.GetCaseRequest(case_id=case_id), principal).case

    def decide(self, case: pb.Case, request_id: str = "d1", **decision: Any) -> pb.DecisionResult:
        values: dict[str, Any] = {
            "outcome": pb.OUTCOME_ROUTE,
            "actor": pb.ACTOR_KIND_MODEL,
            "service_id": "identity.passport",
            "office": "MIA",
            "channel": 1,
        }
        wanted = pb.CaseDecision(
            case_id=case.id,
            expected_version=case.version,
            request_id=request_id,
            decision=pb.Decision(**(values | decision)),
        )
        request = pb.RecordDecisionsRequest(decisions=[wanted])
        return self.call("RecordDecisions", request, SERVICE).results[0]

    def answer(self, case: pb.Case, kind: int, request_id: str = "a1", **more: Any) -> pb.Case:
        values: dict[str, Any] = {"office": "MIA"} | more
        request = pb.RecordResponseRequest(
            case_id=case.id, request_id=request_id, kind=kind, **values
        )
        return self.call("RecordResponse", request, SERVICE).case


@contextmanager
def cases_on(platform: Platform) -> Iterator[Client]:
    """Run the service on a platform."""
    with (
        testing.running(platform, app.build(platform)) as built,
        testing.channel_to(built.addresses["cases"]) as channel,
    ):
        yield Client(platform, pb_grpc.CasesServiceStub(channel))


@pytest.fixture
def cases(platform: Platform) -> Iterator[Client]:
    with cases_on(platform) as client:
        yield client


@pytest.fixture
def cabinet(settings: Settings) -> Iterator[Cabinet]:
    with cabinet_in(settings) as cabinet:
        yield cabinet
