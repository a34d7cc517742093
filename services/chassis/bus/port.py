"""The bus as services see it: topics of keyed records, read by groups, in order per key.

Two adapters keep these promises, the embedded log and Kafka; the cases in
tests/contract/bus state each of them once and run on both.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from services.chassis.errors import ConflictError

LARGEST_MESSAGE = 1024 * 1024
"""Bytes of a message's value."""
LARGEST_BATCH = 10_000
"""Messages of one call of publish."""
WHOLE: Mapping[int, int] = MappingProxyType({})
"""A history from its beginning."""


class LostGroupError(ConflictError):
    """Another member reads for this group now; drop the batch and poll again."""

    reason = "LOST_GROUP"


class Start(StrEnum):
    """Where a group begins that has not committed anything yet."""

    EARLIEST = "earliest"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic to create.

    Without a retention its records are kept for ever; a compact topic keeps the
    newest record of each key.
    """

    name: str
    partitions: int = 8
    retention: timedelta | None = None
    compact: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """Something to publish; a value of None removes its key from a compact topic."""

    topic: str
    key: str
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A message as it is read back, with its place and the time it was written."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    headers: Mapping[str, str]
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a member may read now: (topic, partition) pairs.

    The generation changes whenever another member may have read in between, so
    that what was learned from earlier records must be learned anew.
    """

    generation: int
    partitions: frozenset[tuple[str, int]]


class Consumer(Protocol):
    """One member of a group; it belongs to one thread at a time.

    Each record goes to one member of the group, and all members of a group
    name the same topics.
    """

    @property
    def assignment(self) -> Assignment:
        """Tell what this member reads as of its last poll."""

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        """Give the next records, in order per partition; nothing if none came in time."""

    def commit(self) -> None:
        """Remember that all that was polled is done; LostGroupError if another member took over."""

    def renew(self) -> None:
        """Keep the place in the group during long work; LostGroupError if it is gone."""

    def seek(self, topic: str, partition: int, offset: int) -> None:
        """Continue this partition at the offset."""

    def rewind(self) -> None:
        """Go back to the last commit in all partitions."""

    def lag(self) -> int:
        """Count the records in the assignment that were not polled yet."""

    def close(self) -> None:
        """Leave; what was polled and not committed goes to the next member."""


class Bus(Protocol):
    """Durable topics; order is kept among messages with the same key."""

    def ensure_topics(self, topics: Sequence[Topic]) -> None:
        """Create those that do not exist; one that exists stays as it is, lest keys move."""

    def check_writing(self, topics: Sequence[str]) -> None:
        """Refuse at the start who may not write there, and would else find out when it hurts."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Write all durably, or raise; after an error publish again (duplicates, never loss)."""

    def consumer(
        self, group: str, topics: Sequence[str], *, member: str, start: Start = Start.EARLIEST
    ) -> Consumer:
        """Join a group under a static name; the same name takes its place back at once."""

    def history(self, topic: str, begins: Mapping[int, int] = WHOLE) -> Iterator[Record]:
        """Read everything to the end as it is at the call, partitions named from their offset."""

    def ends(self, topic: str) -> Mapping[int, int]:
        """Tell the offset that the next record of each partition will get."""

    def at(self, topic: str, partition: int, offset: int) -> Record:
        """Read one record; NotFoundError where it is no longer kept."""

    def close(self) -> None:
        """Let go of everything, but leave the places of open consumers as a crash would."""


def partition_of(key: str, partitions: int) -> int:
    """Choose the partition of a key; the same in every process and release."""
    return zlib.crc32(key.encode()) % partitions
