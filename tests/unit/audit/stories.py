"""Events as cases tells them, for tests: as domain values and as messages of the bus."""

from datetime import UTC, datetime
from typing import Any

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from services.audit.domain import CaseEvent, Decision
from services.audit.events import TOPIC
from services.chassis import codec
from services.chassis.bus.port import Message, Record

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATE = pb.DESCRIPTOR.enum_types_by_name["State"]
CHANNEL = catalog_pb2.DESCRIPTOR.enum_types_by_name["Channel"]


def decision(id_: str, **more: Any) -> Decision:
    """Return a model's decision to route a case to MIA."""
    values: dict[str, Any] = {
        "outcome": "route",
        "actor": "model",
        "service_id": "identity.passport",
        "office": "MIA",
        "channel": "online",
        "model": "m1",
        "catalogue_version": "c1",
        "policy_version": "p1",
        "reason_code": "CONFIDENT",
        "decide_time": NOON,
        "told": id_.encode(),
    }
    return Decision(id=id_, **(values | more))


def event(case_id: str, version: int, state: str = "routed", **more: Any) -> CaseEvent:
    """Return an event after which MIA has the case by an online service."""
    values: dict[str, Any] = {
        "type": f"kz.qyzmet.case.{state}.v1",
        "service_id": "identity.passport",
        "office": "MIA",
        "channel": "online",
        "submit_time": NOON,
        "event_time": NOON,
    }
    return CaseEvent(case_id=case_id, case_version=version, state=state, **(values | more))


def gone(case_id: str, version: int, state: str = "returned") -> CaseEvent:
    """Return an event after which no office has the case."""
    return event(case_id, version, state, service_id="", office="", channel="")


def message(case_id: str, version: int, state: str = "routed", **more: Any) -> Message:
    """Return the message cases publishes of such an event; `decided` adds a decision."""
    values: dict[str, Any] = {
        "office": "MIA",
        "service_id": "identity.passport",
        "channel": "online",
        "decided": state == "routed",
    } | more
    told = pb.CaseEvent(case_id=case_id, case_version=version, state=codec.number(STATE, state))
    told.office, told.service_id = values["office"], values["service_id"]
    told.channel = codec.number(CHANNEL, values["channel"])
    if values["decided"]:
        told.decision.id = f"{case_id}:{version}"
        told.decision.probability = 0.93
        told.decision.outcome = pb.OUTCOME_ROUTE
        told.decision.decide_time.FromDatetime(NOON)
    return wrap(told, f"kz.qyzmet.case.{state}.v1")


def wrap(told: pb.CaseEvent, type_: str) -> Message:
    """Return an event in its envelope."""
    id_ = f"{told.case_id}:{told.case_version}"
    envelope = codec.Event(id_, type_, "/qyzmet/cases", told.case_id, NOON)
    return codec.to_message(TOPIC.name, told.case_id, envelope, codec.encode(told))


def record(message: Message, offset: int = 0) -> Record:
    """Return a message as it is read back."""
    return Record(
        message.topic, 0, offset, message.key, message.value, message.headers, timestamp=NOON
    )


def decided_event(case_id: str) -> Message:
    """Return the message of a decision that says all a decision may say."""
    told = pb.CaseEvent(case_id=case_id, case_version=1, state=pb.STATE_ROUTED)
    told.decision.MergeFrom(
        pb.Decision(
            id=f"{case_id}:1",
            outcome=pb.OUTCOME_ROUTE,
            alternatives=[
                pb.Alternative(service_id="identity.passport", probability=0.93),
                pb.Alternative(service_id="x", probability=0.01),
            ],
            language=catalog_pb2.LANGUAGE_KK,
            route_threshold=0.8,
            confirm_threshold=0.3,
            explanation=pb.Explanation(
                service_id="identity.passport",
                against="x",
                words=[pb.ExplainedWord(end=7, weight=0.25)],
            ),
            commitment="ab" * 32,
            overrides="d0",
            subject="cd" * 16,
        )
    )
    told.decision.decide_time.FromDatetime(NOON)
    return wrap(told, "kz.qyzmet.case.routed.v1")
