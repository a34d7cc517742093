"""A member of a group on the embedded bus: it reads while it holds the group's lease."""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.chassis.bus.embedded.file import Reader
from services.chassis.bus.embedded.lease import Lease
from services.chassis.bus.embedded.watch import Signal
from services.chassis.bus.embedded.writer import Writer
from services.chassis.bus.port import Assignment, Record
from services.chassis.errors import InvalidError, UnavailableError

STANDBY_STEP = 0.05
_headers = msgspec.json.Decoder(dict[str, str])
PAGE = (
    "SELECT offset, time_ms, key, headers, value FROM records "
    "WHERE topic = ? AND partition = ? AND offset >= ? AND offset < ? ORDER BY offset LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic as the file knows it."""

    id: int
    name: str
    partitions: int
    retention_ms: int | None
    compact: bool


Place = tuple[str, int]
"""A topic's name and a partition."""


def read_page(
    reader: Reader, topic: TopicRow, partition: int, offsets: range, limit: int
) -> list[Record]:
    """Read up to a limit of one partition's records in a range of offsets."""
    rows = reader.rows(PAGE, (topic.id, partition, offsets.start, offsets.stop, limit))
    return [_record(topic.name, partition, row) for row in rows]


def _record(topic: str, partition: int, row: tuple[Any, ...]) -> Record:
    """Turn a row into a record."""
    offset, time_ms, key, headers, value = row
    timestamp = datetime.fromtimestamp(time_ms / 1000, UTC)
    return Record(topic, partition, offset, key, value, _headers.decode(headers), timestamp)


def read_heads(reader: Reader, topics: Sequence[TopicRow]) -> dict[Place, int]:
    """Give the offset that the next record of each partition will get."""
    names = {topic.id: topic.name for topic in topics}
    marks = ", ".join("?" * len(names))
    rows = reader.rows(
        f"SELECT topic, partition, next FROM heads WHERE topic IN ({marks})",  # noqa: S608  # marks only
        list(names),
    )
    return {(names[topic], partition): head for topic, partition, head in rows}


class EmbeddedConsumer:
    """Reads all partitions of its topics for a group, one member at a time."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        signal: Signal,
        lease: Lease,
        *,
        group: str,
        topics: Sequence[TopicRow],
        starts: Mapping[Place, int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._signal = signal
        self._lease = lease
        self._group = group
        self._topics = {topic.name: topic for topic in topics}
        self._starts = starts
        self._monotonic = monotonic
        self._epoch = 0
        self._next: dict[Place, int] = {}
        self._committed: dict[Place, int] = {}
        self._turn = 0
        self._closed = False

    @property
    def assignment(self) -> Assignment:
        """Tell what this member reads as of its last poll."""
        return Assignment(self._epoch, frozenset(self._next))

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        """Give the next records, in order per partition; nothing if none came in time."""
        if self._closed:
            raise UnavailableError("The consumer is closed.")
        deadline = self._monotonic() + timeout
        while True:
            seen = self._signal.version
            held = self._holds()
            if held and (records := self._fetch(limit)):
                return records
            left = deadline - self._monotonic()
            if left <= 0:
                return ()
            self._signal.wait(seen, min(left, self._lease.step if held else STANDBY_STEP))

    def _holds(self) -> bool:
        """Hold the lease; begin at the last commit when it came to us anew."""
        if not self._lease.hold():
            self._next, self._committed = {}, {}
            return False
        if self._lease.epoch != self._epoch:
            self._restore()
            self._epoch = self._lease.epoch
        return True

    def _restore(self) -> None:
        """Set all positions to the last commit."""
        names = {topic.id: topic.name for topic in self._topics.values()}
        rows = self._reader.rows(
            "SELECT topic, partition, next FROM offsets WHERE consumers = ?", (self._group,)
        )
        self._next = dict(self._starts)
        self._next |= {(names[topic], part): next_ for topic, part, next_ in rows if topic in names}
        self._committed = dict(self._next)

    def _fetch(self, limit: int) -> list[Record]:
        """Read what is new, each time beginning with another partition so that none starves."""
        heads = read_heads(self._reader, list(self._topics.values()))
        news = sorted(place for place, head in heads.items() if head > self._next[place])
        self._turn += 1
        shift = self._turn % len(news) if news else 0
        records: list[Record] = []
        for place in news[shift:] + news[:shift]:
            if len(records) < limit:
                records += self._advance(place, heads[place], limit - len(records))
        return records

    def _advance(self, place: Place, head: int, limit: int) -> list[Record]:
        """Read one partition onward; offsets that retention emptied are passed over."""
        topic, partition = place
        offsets = range(self._next[place], head)
        page = read_page(self._reader, self._topics[topic], partition, offsets, limit)
        self._next[place] = page[-1].offset + 1 if len(page) == limit else head
        return page

    def commit(self) -> None:
        """Remember that all that was polled is done; LostGroupError if another member took over."""
        moved = {p: next_ for p, next_ in self._next.items() if self._committed[p] != next_}
        if moved or (self._epoch and not self._lease.epoch):
            self._writer.run(lambda connection: self._write_offsets(connection, moved))
            self._committed |= moved

    def _write_offsets(self, connection: sqlite3.Connection, moved: Mapping[Place, int]) -> None:
        """Write the positions, if the group is still ours."""
        self._lease.fence(connection)
        connection.executemany(
            "INSERT INTO offsets (consumers, topic, partition, next) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET next = excluded.next",
            [(self._group, self._topics[t].id, part, next_) for (t, part), next_ in moved.items()],
        )

    def renew(self) -> None:
        """Keep the place in the group during long work; LostGroupError if it is gone."""
        self._lease.renew()

    def seek(self, topic: str, partition: int, offset: int) -> None:
        """Continue this partition at the offset."""
        if (topic, partition) not in self._next:
            raise InvalidError(f"This member does not read partition {partition} of {topic}.")
        self._next[topic, partition] = offset

    def rewind(self) -> None:
        """Go back to the last commit in all partitions."""
        self._next = dict(self._committed)

    def lag(self) -> int:
        """Count the records in the assignment that were not polled yet."""
        heads = read_heads(self._reader, list(self._topics.values()))
        return sum(max(0, heads[place] - next_) for place, next_ in self._next.items())

    def close(self) -> None:
        """Leave; what was polled and not committed goes to the next member."""
        if not self._closed:
            self._closed = True
            self._lease.release()
