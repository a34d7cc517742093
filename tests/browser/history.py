"""Two months of cases as their events tell them, so that pages of analysts have days to show."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from qyzmet.audit.v1 import audit_pb2, audit_pb2_grpc
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from services.audit import app as audit_app
from services.catalog import app as catalog_app
from services.catalog import store
from services.catalog.domain import Service
from services.chassis import codec, testing
from services.chassis.application import Platform
from services.chassis.bus.port import Message
from services.chassis.principal import Principal, Role
from services.chassis.story import CASES_TOPIC

DAYS = 60
CASES_A_DAY = 12
SEED = 8
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.1
MODELS = ("5f" * 32, "a1" * 32)
"""The model of the first month, and that of the second."""
REGIONS = ("75", "71", "79", "19", "61", "")
LANGUAGES = (catalog_pb2.LANGUAGE_KK, catalog_pb2.LANGUAGE_RU, catalog_pb2.LANGUAGE_EN)
OUTCOMES = (pb.OUTCOME_ROUTE, pb.OUTCOME_CONFIRM, pb.OUTCOME_TRIAGE)
ONLINE = catalog_pb2.CHANNEL_ONLINE
OFFLINE = catalog_pb2.CHANNEL_IN_PERSON


def write(data: Path) -> None:
    """Let audit alone follow two months of events, in the folder of a system not started yet.

    On a bus of its own, which is gone afterwards: the other services know nothing of these cases.
    """
    told = list(events())
    with (
        testing.platform_in(data) as platform,
        testing.running(platform, catalog_app.build(platform)),
        testing.running(platform, audit_app.build(platform)) as audit,
        testing.channel_to(audit.addresses["audit"]) as channel,
    ):
        platform.bus.publish(told)
        _wait(platform, audit_pb2_grpc.AuditServiceStub(channel))
    for file in data.glob("bus.sqlite*"):
        file.unlink()


def _wait(platform: Platform, stub: audit_pb2_grpc.AuditServiceStub) -> None:
    """Wait until every case is counted."""
    caller = testing.caller(platform, Principal("analyst", Role.ANALYST))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        quality = caller.call(stub.GetQuality, audit_pb2.GetQualityRequest())
        if quality.total.decided_count == DAYS * CASES_A_DAY:
            return
        assert time.monotonic() < deadline, "audit did not follow in time"
        time.sleep(LOOK_SECONDS)


def events() -> Iterator[Message]:
    """Give every event, each time the same but for the days."""
    dice = random.Random(SEED)
    services = list(store.read_folder(store.bundled_folder()).services)
    today = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
    for back in range(DAYS, 0, -1):
        for at in range(CASES_A_DAY):
            submitted = today - timedelta(days=back, minutes=at)
            yield from _case(dice, services, submitted, DAYS - back)


def _case(
    dice: random.Random, services: list[Service], submitted: datetime, day: int
) -> Iterator[Message]:
    is_online = dice.random() < 0.84 + 0.0016 * day
    service = _service(dice, services, is_online)
    language = dice.choices(LANGUAGES, (5, 4, 1))[0]
    score = dice.betavariate(6, 2)
    case = pb.CaseEvent(
        case_id=str(UUID(int=dice.getrandbits(128), version=4)),
        number=f"QZ-26-{day:03}{dice.randrange(10000):04}-0",
        language=language,
        region=dice.choice(REGIONS),
    )
    case.submit_time.FromDatetime(submitted)
    outcome = OUTCOMES[0 if score > 0.75 else 1 if score > 0.45 else 2]
    decision = pb.Decision(
        outcome=outcome,
        actor=pb.ACTOR_KIND_MODEL,
        service_id=service.id,
        probability=score,
        alternatives=[pb.Alternative(service_id=service.id, probability=score)],
        model=MODELS[day >= DAYS // 2],
        language=language,
        reason_code="CONFIDENT",
        route_threshold=0.75,
        confirm_threshold=0.45,
    )
    is_right = dice.random() < score + (0.05 if language != catalog_pb2.LANGUAGE_EN else -0.15)
    placed = {
        "service_id": service.id,
        "office": service.agency,
        "channel": ONLINE if is_online else OFFLINE,
    }
    wait = timedelta(hours=dice.lognormvariate(2.2, 0.8))
    yield _event(case, "submitted", submitted)
    if outcome == pb.OUTCOME_ROUTE:
        yield _event(case, "routed", submitted, decision=decision, **placed)
        if not is_right:
            yield _event(case, "returned", submitted + wait, reason_code="NOT_COMPETENT")
            return
    else:
        asked = "confirmation-requested" if outcome == pb.OUTCOME_CONFIRM else "triaged"
        yield _event(case, asked, submitted, decision=decision)
        chosen = service if is_right else dice.choice(services)
        actor = (
            pb.ACTOR_KIND_CITIZEN if outcome == pb.OUTCOME_CONFIRM else pb.ACTOR_KIND_TRIAGE_OFFICER
        )
        choice = pb.Decision(
            outcome=pb.OUTCOME_ROUTE, actor=actor, service_id=chosen.id, office=chosen.agency
        )
        placed |= {"service_id": chosen.id, "office": chosen.agency}
        yield _event(case, "routed", submitted + timedelta(hours=1), decision=choice, **placed)
    yield _event(case, "accepted", submitted + wait, **placed)
    if dice.random() < 0.9:
        yield _event(case, "completed", submitted + wait * 3, **placed)


def _service(dice: random.Random, services: list[Service], is_online: bool) -> Service:
    """Return a service; a few are asked for much more than others."""
    fit = [one for one in services if (one.channel == "online") == is_online]
    return fit[min(int(dice.expovariate(1 / (len(fit) / 6))), len(fit) - 1)]


def _event(case: pb.CaseEvent, state: str, at: datetime, **more: Any) -> Message:
    """Return the next event of a case."""
    case.case_version += 1
    told = pb.CaseEvent(**more)
    told.MergeFrom(case)
    told.state = codec.number(pb.DESCRIPTOR.enum_types_by_name["State"], state)
    told.event_time.FromDatetime(at)
    told.due_time.FromDatetime(case.submit_time.ToDatetime() + timedelta(days=4))
    if told.HasField("decision"):
        told.decision.id = f"{told.case_id}:{told.case_version}"
        told.decision.decide_time.FromDatetime(at)
    id_ = f"{told.case_id}:{told.case_version}"
    envelope = codec.Event(id_, f"kz.qyzmet.case.{state}.v1", "/qyzmet/cases", told.case_id, at)
    return codec.to_message(CASES_TOPIC, told.case_id, envelope, codec.encode(told))
