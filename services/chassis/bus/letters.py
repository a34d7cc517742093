"""How a dead letter is written on its topic: the record as it was, and headers that tell why.

An operator's order to handle a line of them again stands on the same topic, and so does what
came of it; both name their group by another header, for releases that know of no orders.

A record too large for a message of ours (brokers bound what is compressed, a stranger's
record may be many times that when it is read) is not copied: its letter tells only where it lies.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.chassis.bus.port import LARGEST_MESSAGE, Message, Record

SUFFIX = ".dlq"
PARKED = "parked"
RELEASED = "released"
BEHIND = "BEHIND_PARKED"
TOO_LARGE = "TOO_LARGE"
LARGEST_LABELS = 64 * 1024
"""Bytes of key and headers together; a topic of ours has twice the room beside the value."""
LONGEST_KEY = 1000

GROUP = "dlq_group"
EVENT = "dlq_event"
ERROR = "dlq_error"
ATTEMPTS = "dlq_attempts"
TOPIC = "dlq_topic"
PARTITION = "dlq_partition"
OFFSET = "dlq_offset"
TIME = "dlq_time"
LEFT_OUT = "dlq_left_out"
FOR = "dlq_for"
ORDER = "dlq_order"
HANDLED = "dlq_handled"
OWN_HEADERS = frozenset({GROUP, EVENT, ERROR, ATTEMPTS, TOPIC, PARTITION, OFFSET, TIME, LEFT_OUT})

ORDERED = "redrive"
ANSWERED = "redriven"

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


@dataclass(frozen=True, slots=True)
class Order:
    """An operator's order to handle again what is parked in a line."""

    id: str
    group: str
    topic: str
    key: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an order: how many records were handled, and which error ended it."""

    order: str
    handled: int
    error: str


def line_of(key: str) -> str:
    """Name the line in which the records of a key wait: the key itself, if it is not endless."""
    if len(key) <= LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: LONGEST_KEY - len(digest)]}{digest}"


def describe(record: Record, error: str, attempts: int) -> Parked:
    """Describe a record that is about to be parked."""
    place = (record.topic, record.partition, record.offset)
    return Parked(*place, line_of(record.key), error, attempts, record.timestamp)


def letter(group: str, record: Record, parked: Parked) -> Message:
    """Write a record as a dead letter; what would not fit is left where it lies."""
    if not _fits(record):
        return reference(group, record, parked)
    headers = {**record.headers, **_own_headers(group, record, parked)}
    return Message(record.topic + SUFFIX, parked.key, record.value, headers)


def reference(group: str, record: Record, parked: Parked) -> Message:
    """Write a dead letter that only tells where its record lies."""
    headers = {**_own_headers(group, record, parked), LEFT_OUT: TOO_LARGE}
    return Message(record.topic + SUFFIX, parked.key, None, headers)


def release(group: str, record: Record) -> Message:
    """Write the mark that takes a dead letter back."""
    headers = {**_origin_headers(group, record), EVENT: RELEASED}
    return Message(record.topic + SUFFIX, line_of(record.key), b"", headers)


def order(given: Order) -> Message:
    """Write an order."""
    return _of_order(given, {EVENT: ORDERED})


def answer(given: Order, handled: int, error: str) -> Message:
    """Write what came of an order."""
    return _of_order(given, {EVENT: ANSWERED, HANDLED: str(handled), ERROR: error})


def _of_order(given: Order, told: Mapping[str, str]) -> Message:
    headers = {FOR: given.group, ORDER: given.id, TOPIC: given.topic, **told}
    return Message(given.topic + SUFFIX, given.key, b"", headers)


def _fits(record: Record) -> bool:
    labels = [record.key, *record.headers.keys(), *record.headers.values()]
    return (
        len(record.value or b"") <= LARGEST_MESSAGE
        and sum(len(label.encode()) for label in labels) <= LARGEST_LABELS
        and len(record.key) <= LONGEST_KEY
    )


def _own_headers(group: str, record: Record, parked: Parked) -> Mapping[str, str]:
    """Tell whose letter this is, of which record, and why."""
    why = {EVENT: PARKED, ERROR: parked.error, ATTEMPTS: str(parked.attempts)}
    return {**_origin_headers(group, record), **why}


def _origin_headers(group: str, record: Record) -> Mapping[str, str]:
    """Tell whose letter this is, and of which record."""
    return {
        GROUP: group,
        TOPIC: record.topic,
        PARTITION: str(record.partition),
        OFFSET: str(record.offset),
        TIME: record.timestamp.isoformat(),
    }


def group_of(read: Record) -> str:
    """Tell whose letter, release, order or answer this is."""
    return read.headers.get(GROUP) or read.headers.get(FOR, "")


def order_in(read: Record) -> Order | None:
    """Return the order that was read back, if it is one."""
    if read.headers.get(EVENT) != ORDERED:
        return None
    return Order(read.headers[ORDER], read.headers[FOR], read.headers[TOPIC], read.key)


def answer_in(read: Record) -> Answer | None:
    """Return the answer that was read back, if it is one."""
    if read.headers.get(EVENT) != ANSWERED:
        return None
    return Answer(read.headers[ORDER], int(read.headers[HANDLED]), read.headers[ERROR])


def is_parked(read: Record) -> bool:
    """Tell whether a record of the letters' topic is a letter."""
    return read.headers.get(EVENT) == PARKED


def is_release(read: Record) -> bool:
    """Tell whether a record of the letters' topic takes a letter back."""
    return read.headers.get(EVENT) == RELEASED


def is_left_out(read: Record) -> bool:
    """Tell whether a letter only tells where its record lies."""
    return LEFT_OUT in read.headers


def original(read: Record) -> Record:
    """Turn a letter that was read back into the record it holds."""
    parked = parked_in(read)
    headers = {name: text for name, text in read.headers.items() if name not in OWN_HEADERS}
    return Record(*parked.origin, read.key, read.value, headers, parked.timestamp)


def parked_in(read: Record) -> Parked:
    """Describe the record of a letter that was read back."""
    headers = read.headers
    return Parked(
        topic=headers[TOPIC],
        partition=int(headers[PARTITION]),
        offset=int(headers[OFFSET]),
        key=read.key,
        error=headers.get(ERROR, ""),
        attempts=int(headers.get(ATTEMPTS, "0")),
        timestamp=datetime.fromisoformat(headers[TIME]),
    )
