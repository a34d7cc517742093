"""The bus door: records of the cases topic in, domain inside, records of the offices' topics out.

The topic of an office holds what its feed holds, in the same order: one partition, so that the
sequence shows a gap to whoever looks. A relay may repeat itself; case and version tell.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from qyzmet.cases.v1 import cases_pb2
from services.chassis import codec, outbox
from services.chassis.alarms import TOPIC as ALARMS
from services.chassis.bus.port import Bus, Message, Record, Topic
from services.chassis.story import CASES_TOPIC
from services.delivery import handlers
from services.delivery.domain import CaseEvent, FeedEntry
from services.delivery.ports import Announce, Clock, Feeds

STATE = cases_pb2.DESCRIPTOR.enum_types_by_name["State"]
GROUP = "delivery"
TOPIC = Topic(CASES_TOPIC)
OFFICE_CODE = re.compile(r"[A-Za-z0-9-]{1,64}")
OFFICE_RETENTION = timedelta(days=30)
SEQUENCE_HEADER = "ce_sequence"
SEQUENCE_DIGITS = 19
"""As many as the largest has: CloudEvents wants sequences that sort as texts."""


class OfficeTopics:
    """The bus, with the topic of each office made before it is first written to."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._made: set[Topic] = set()

    def publish(self, messages: Sequence[Message]) -> None:
        """Write all durably, or raise; after an error publish again (duplicates, never loss)."""
        try:
            self._make({_office_topic(message.topic) for message in messages})
            self._bus.publish(messages)
        except Exception:
            self._made.clear()  # somebody may have removed a topic behind our back
            raise

    def _make(self, wanted: set[Topic]) -> None:
        if missing := wanted - self._made:
            self._bus.ensure_topics(sorted(missing, key=lambda topic: topic.name))
            self._made |= missing


def topics(offices: Iterable[str]) -> Sequence[Topic]:
    """Return every topic delivery reads or writes where these are the offices."""
    return [
        TOPIC,
        ALARMS,
        *(_office_topic(topic_of(office)) for office in offices),
    ]


def topic_of(office: str) -> str:
    """Return the name of the topic an office reads, such as `qyzmet.office.akimat-75.v1`."""
    return f"qyzmet.office.{office}.v1"


def _office_topic(name: str) -> Topic:
    return Topic(name, partitions=1, retention=OFFICE_RETENTION)


def to_outbox(entry: FeedEntry, envelope: Mapping[str, str]) -> dict[str, Any]:
    """Return an entry of a feed as a row of the outbox: the event as it came, and its place."""
    place = {SEQUENCE_HEADER: f"{entry.sequence:0{SEQUENCE_DIGITS}d}"}
    message = Message(topic_of(entry.office), entry.case_id, entry.event, {**envelope, **place})
    return outbox.row(entry.event_id, message, entry.type)


def handle(records: Sequence[Record], *, feeds: Feeds, announce: Announce, now: Clock) -> None:
    """Deliver a batch; all of it takes effect, or none."""
    handlers.deliver(
        [from_record(record) for record in records], feeds=feeds, announce=announce, now=now
    )


def from_record(record: Record) -> CaseEvent:
    """Return the event a record holds; raises MalformedEventError."""
    event, data = codec.from_record(record)
    message = codec.decode(data, cases_pb2.CaseEvent)
    if message.case_id != record.key or message.case_version < 1:
        raise codec.MalformedEventError("an event names its key as its case, and a version")
    for office in filter(None, (message.office, message.previous_office)):
        if not OFFICE_CODE.fullmatch(office):
            raise codec.MalformedEventError("an office is letters, digits and hyphens, at most 64")
    return CaseEvent(
        event_id=event.id,
        type=event.type,
        case_id=message.case_id,
        case_version=message.case_version,
        office=message.office,
        previous_office=message.previous_office,
        event=data,
        envelope=codec.headers(event),
        state=codec.kebab(STATE, message.state) or "",
        service_id=message.service_id,
        event_time=codec.time_in(message, "event_time"),
        due_time=codec.time_in(message, "due_time"),
    )
