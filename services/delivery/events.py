"""The bus door: records of the cases topic in, domain inside."""

from collections.abc import Sequence

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis import codec
from services.chassis.bus.port import Record, Topic
from services.chassis.story import CASES_TOPIC
from services.delivery import handlers
from services.delivery.domain import CaseEvent
from services.delivery.ports import Announce, Clock, Feeds

GROUP = "delivery"
TOPIC = Topic(CASES_TOPIC)


def handle(records: Sequence[Record], *, feeds: Feeds, announce: Announce, now: Clock) -> None:
    """Deliver a batch; all of it takes effect, or none."""
    handlers.deliver(
        [from_record(record) for record in records], feeds=feeds, announce=announce, now=now
    )


def from_record(record: Record) -> CaseEvent:
    """Return the event a record holds; raises MalformedEventError."""
    event, data = codec.from_record(record)
    message = codec.decode(data, pb.CaseEvent)
    if message.case_id != record.key or message.case_version < 1:
        raise codec.MalformedEventError("an event names its key as its case, and a version")
    return CaseEvent(
        event_id=event.id,
        type=event.type,
        case_id=message.case_id,
        case_version=message.case_version,
        office=message.office,
        previous_office=message.previous_office,
        event=data,
    )
