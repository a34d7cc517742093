"""The embedded bus: a durable log in one SQLite file that several processes may share."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from services.chassis.bus.embedded import log
from services.chassis.bus.embedded.consumer import (
    EmbeddedConsumer,
    TopicRow,
    read_heads,
    read_page,
)
from services.chassis.bus.embedded.file import Reader
from services.chassis.bus.embedded.lease import NOBODY, Lease
from services.chassis.bus.embedded.watch import STEP, Signal, Watcher
from services.chassis.bus.embedded.writer import Writer
from services.chassis.bus.port import (
    LARGEST_BATCH,
    LARGEST_MESSAGE,
    WHOLE,
    Message,
    Record,
    Start,
    Topic,
)
from services.chassis.errors import InvalidError, NotFoundError, TooLargeError

LEASE_SECONDS = 10.0
PATIENCE_SECONDS = 10.0
HISTORY_PAGE = 500
TIDY_SECONDS = 60.0


class EmbeddedBus:
    """Topics, groups and their offsets in one file."""

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], datetime],
        lease: float = LEASE_SECONDS,
        patience: float = PATIENCE_SECONDS,
        watch_step: float = STEP,
        tidy_every: float = TIDY_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._seconds = lease
        self._monotonic = monotonic
        self._known: dict[str, TopicRow] = {}
        self._writer = Writer(path, patience)
        try:
            self._reader = Reader(path, patience)
        except BaseException:
            self._writer.close()
            raise
        self._signal = Signal()
        self._watcher = Watcher(
            self._reader, self._signal, self.tidy, step=watch_step, tidy_every=tidy_every
        )
        self._watcher.start()

    def ensure_topics(self, topics: Sequence[Topic]) -> None:
        """Create those that do not exist; one that exists stays as it is, lest keys move."""
        for topic in topics:
            if topic.partitions < 1:
                raise InvalidError(f"{topic.name} needs a partition.")
        self._writer.run(lambda connection: log.create(connection, topics))

    def check_writing(self, topics: Sequence[str]) -> None:
        """Refuse topics that do not exist; whoever may write the file may write them all."""
        for name in topics:
            self._topic(name)

    def publish(self, messages: Sequence[Message]) -> None:
        """Write all durably, or raise; after an error publish again (duplicates, never loss)."""
        if len(messages) > LARGEST_BATCH:
            raise TooLargeError(f"At most {LARGEST_BATCH} messages go in one call.")
        for message in messages:
            if len(message.value or b"") > LARGEST_MESSAGE:
                raise TooLargeError(f"A message holds at most {LARGEST_MESSAGE} bytes.")
        topics = {name: self._topic(name) for name in {message.topic for message in messages}}
        if messages:
            self._writer.run(lambda conn: log.append(conn, topics, messages, self._now_ms()))
            self._signal.raise_up()

    def consumer(
        self, group: str, topics: Sequence[str], *, member: str, start: Start = Start.EARLIEST
    ) -> EmbeddedConsumer:
        """Join a group under a static name; the same name takes its place back at once."""
        if member == NOBODY or not topics:
            raise InvalidError("A consumer needs a name and topics.")
        rows = [self._topic(name) for name in topics]
        heads = read_heads(self._reader, rows)
        return EmbeddedConsumer(
            self._reader,
            self._writer,
            self._signal,
            Lease(
                *(self._reader, self._writer, group, member),
                seconds=self._seconds,
                monotonic=self._monotonic,
            ),
            group=group,
            topics=rows,
            starts=heads if start is Start.LATEST else dict.fromkeys(heads, 0),
            monotonic=self._monotonic,
        )

    def history(self, topic: str, begins: Mapping[int, int] = WHOLE) -> Iterator[Record]:
        """Read everything to the end as it is at the call, partitions named from their offset."""
        ends = self.ends(topic)
        ahead = [range(begins.get(part, 0), ends[part]) for part in sorted(ends)]
        return self._pages(self._topic(topic), ahead)

    def ends(self, topic: str) -> Mapping[int, int]:
        """Tell the offset that the next record of each partition will get."""
        heads = read_heads(self._reader, [self._topic(topic)])
        return {partition: head for (_, partition), head in heads.items()}

    def at(self, topic: str, partition: int, offset: int) -> Record:
        """Read one record; NotFoundError where it is no longer kept."""
        place = range(offset, offset + 1)
        for found in read_page(self._reader, self._topic(topic), partition, place, 1):
            return found
        raise NotFoundError("The record is no longer kept.")

    def _pages(self, topic: TopicRow, ahead: Sequence[range]) -> Iterator[Record]:
        """Read partition after partition, a page at a time."""
        for partition, offsets in enumerate(ahead):
            begin = offsets.start
            while page := read_page(
                self._reader, topic, partition, range(begin, offsets.stop), HISTORY_PAGE
            ):
                yield from page
                begin = page[-1].offset + 1

    def tidy(self) -> None:
        """Drop what is past its retention, in small steps so that writers get their turn."""
        for topic in self._topics("retention_ms IS NOT NULL"):
            while self._drop_expired(topic):
                pass

    def _drop_expired(self, topic: TopicRow) -> int:
        """Drop one step of a topic's expired records."""
        return self._writer.run(lambda conn: log.drop_expired(conn, topic, self._now_ms()))

    def _topic(self, name: str) -> TopicRow:
        """Find a topic; it never changes once it exists."""
        if name not in self._known:
            self._known |= {topic.name: topic for topic in self._topics("name = ?", name)}
        if name not in self._known:
            raise NotFoundError(f"There is no topic {name}.")
        return self._known[name]

    def _topics(self, condition: str, *values: object) -> list[TopicRow]:
        """Read the topics that meet a condition."""
        columns = "id, name, partitions, retention_ms, compact"
        rows = self._reader.rows(
            f"SELECT {columns} FROM topics WHERE {condition}",  # noqa: S608  # constants only
            values,
        )
        return [TopicRow(*row) for row in rows]

    def _now_ms(self) -> int:
        """Tell the time of the injected clock in milliseconds."""
        return int(self._now().timestamp() * 1000)

    def close(self) -> None:
        """Let go of everything, but leave the places of open consumers as a crash would."""
        self._watcher.stop()
        self._reader.close()
        self._writer.close()
