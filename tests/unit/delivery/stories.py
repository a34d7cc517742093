"""Events as cases tells them, for tests: as domain values and as messages of the bus."""

from datetime import UTC, datetime
from typing import Any

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis import codec
from services.chassis.bus.port import Message, Record
from services.delivery.domain import CaseEvent
from services.delivery.events import TOPIC

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(case_id: str, version: int, name: str = "routed", **more: Any) -> CaseEvent:
    """Return an event of a case that MIA holds."""
    values: dict[str, Any] = {"office": "MIA", "previous_office": "", "event": b"{}"} | more
    return CaseEvent(
        event_id=f"{case_id}:{version}",
        type=f"kz.qyzmet.case.{name}.v1",
        case_id=case_id,
        case_version=version,
        envelope={"ce_id": f"{case_id}:{version}"},
        **values,
    )


def message(case_id: str, version: int, name: str = "routed", **fields: Any) -> Message:
    """Return the message cases publishes of a case that MIA holds."""
    values: dict[str, Any] = {"office": "MIA"} | fields
    data = codec.encode(pb.CaseEvent(case_id=case_id, case_version=version, **values))
    told = codec.Event(
        id=f"{case_id}:{version}",
        type=f"kz.qyzmet.case.{name}.v1",
        source="/qyzmet/cases",
        subject=case_id,
        time=NOON,
    )
    return codec.to_message(TOPIC.name, case_id, told, data)


def record(message: Message, offset: int = 0) -> Record:
    """Return a message as it is read back."""
    return Record(
        message.topic, 0, offset, message.key, message.value, message.headers, timestamp=NOON
    )
