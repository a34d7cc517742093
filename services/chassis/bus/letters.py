"""How a dead letter is written on its topic: the record as it was, and headers that tell why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.chassis.bus.port import Message, Record

SUFFIX = ".dlq"
PARKED = "parked"
RELEASED = "released"
BEHIND = "BEHIND_PARKED"

GROUP = "dlq_group"
EVENT = "dlq_event"
ERROR = "dlq_error"
ATTEMPTS = "dlq_attempts"
TOPIC = "dlq_topic"
PARTITION = "dlq_partition"
OFFSET = "dlq_offset"
TIME = "dlq_time"
OWN_HEADERS = frozenset({GROUP, EVENT, ERROR, ATTEMPTS, TOPIC, PARTITION, OFFSET, TIME})

Origin = tuple[str, int, int]
"""Topic, partition and offset where a record was first read."""


@dataclass(frozen=True, slots=True)
class Parked:
    """What an operator sees of a parked record: where it stands and why, never what it says."""

    topic: str
    partition: int
    offset: int
    key: str
    error: str
    attempts: int
    timestamp: datetime

    @property
    def origin(self) -> Origin:
        """Tell where the record was first read."""
        return self.topic, self.partition, self.offset


def describe(record: Record, error: str, attempts: int) -> Parked:
    """Describe a record that is about to be parked."""
    place = (record.topic, record.partition, record.offset)
    return Parked(*place, record.key, error, attempts, record.timestamp)


def letter(group: str, record: Record, parked: Parked) -> Message:
    """Write a record as a dead letter."""
    why = {EVENT: PARKED, ERROR: parked.error, ATTEMPTS: str(parked.attempts)}
    return Message(
        record.topic + SUFFIX,
        record.key,
        record.value,
        {**record.headers, **_origin_headers(group, record), **why},
    )


def release(group: str, record: Record) -> Message:
    """Write the mark that takes a dead letter back."""
    headers = {**_origin_headers(group, record), EVENT: RELEASED}
    return Message(record.topic + SUFFIX, record.key, b"", headers)


def _origin_headers(group: str, record: Record) -> Mapping[str, str]:
    """Tell whose letter this is, and of which record."""
    return {
        GROUP: group,
        TOPIC: record.topic,
        PARTITION: str(record.partition),
        OFFSET: str(record.offset),
        TIME: record.timestamp.isoformat(),
    }


def is_release(read: Record) -> bool:
    """Tell whether a record of the letters' topic takes a letter back."""
    return read.headers.get(EVENT) == RELEASED


def original(read: Record) -> Record:
    """Turn a letter that was read back into the record it holds."""
    headers = read.headers
    return Record(
        headers[TOPIC],
        int(headers[PARTITION]),
        int(headers[OFFSET]),
        read.key,
        read.value,
        {name: text for name, text in headers.items() if name not in OWN_HEADERS},
        datetime.fromisoformat(headers[TIME]),
    )


def parked_in(read: Record) -> Parked:
    """Describe the record in a letter that was read back."""
    headers = read.headers
    return describe(original(read), headers.get(ERROR, ""), int(headers.get(ATTEMPTS, "0")))
