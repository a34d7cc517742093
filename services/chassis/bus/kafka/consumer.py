"""One static member of a consumer group.

kafka-python sends heartbeats from a thread of its own, so a slow handler keeps its
place for as long as `poll_interval`; records are fetched when asked for, and no more
than a few megabytes ahead.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata

from services.chassis.bus.kafka.connection import Connection, opened
from services.chassis.bus.kafka.refusals import KafkaUnavailableError, telling
from services.chassis.bus.port import Assignment, LostGroupError, Record

Offsets: TypeAlias = dict[TopicPartition, int]
LOST = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
READY = 500
"""Most records that lie ready to be given out."""
LOOK_SECONDS = 1.0
NO_PARTITIONS: frozenset[tuple[str, int]] = frozenset()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Counts the assignments, for between two of them others may have read."""

    def __init__(self) -> None:
        self.generation = 0

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to do: what was not committed goes to the next member."""

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin another generation."""
        self.generation += 1


class GroupConsumer:
    """Reads for a group under a static name; belongs to one thread at a time."""

    def __init__(
        self,
        connection: Connection,
        group: str,
        topics: Sequence[str],
        member: str,
        *,
        is_taken: Callable[[], bool],
    ) -> None:
        self._connection = connection
        self._group, self._member, self._topics = group, member, list(topics)
        self._doing = f"read {', '.join(topics)} as group {group}"
        self._is_taken = is_taken
        self._listener = _Listener()
        self._adopted = 0
        self._committed: Offsets = {}
        self._next: Offsets = {}
        self._ends: Offsets = {}
        self._waiting: dict[TopicPartition, deque[Any]] = {}
        self._look_at = 0.0
        self._closed = False
        self._consumer: KafkaConsumer | None = self._join()

    @property
    def assignment(self) -> Assignment:
        """Tell what this member reads as of its last poll."""
        pairs = {(place.topic, place.partition) for place in self._next}
        return Assignment(self._adopted, frozenset(pairs) or NO_PARTITIONS)

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        """Give the next records, in order per partition; nothing if none came in time."""
        if (consumer := self._present(timeout)) is None:
            return []
        if not self._waiting:
            self._fetch(consumer, timeout)
        return [record_of(found) for found in self._take(limit)]

    def commit(self) -> None:
        """Remember that all that was polled is done; LostGroupError if another member took over."""
        if self._next:
            self._commit(self._next)
            self._committed |= self._next

    def renew(self) -> None:
        """Keep the place in the group during long work; LostGroupError if it is gone.

        A poll with everything paused resets the poll interval, and a commit that moves
        nothing asks the coordinator whether we are still a member.
        """
        if self._consumer is None:
            raise LostGroupError
        consumer, before = self._consumer, self._listener.generation
        consumer.pause(*consumer.assignment())
        try:
            with self._losing():
                _give_back(consumer, _poll(consumer, 0))
        finally:
            consumer.resume(*consumer.paused())
        if self._listener.generation != before:
            raise LostGroupError
        if self._committed:
            self._commit(self._committed)

    def seek(self, topic: str, partition: int, offset: int) -> None:
        """Continue this partition at the offset."""
        place = TopicPartition(topic, partition)
        if self._consumer is None or place not in self._next.keys() & self._consumer.assignment():
            raise LostGroupError
        self._consumer.seek(place, offset)
        self._next[place] = offset
        self._waiting.pop(place, None)

    def rewind(self) -> None:
        """Go back to the last commit in all partitions."""
        if self._consumer is None:
            return
        self._waiting = {}
        for place in self._consumer.assignment() & self._committed.keys():
            self._consumer.seek(place, self._committed[place])
            self._next[place] = self._committed[place]

    def lag(self) -> int:
        """Count the records in the assignment that were not polled yet, as of a second ago."""
        if self._consumer is not None:
            self._look(self._consumer)
        return sum(max(0, self._ends.get(place, 0) - at) for place, at in self._next.items())

    def close(self) -> None:
        """Stop reading; a static member keeps its place until its session ends."""
        self._closed = True
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with telling(self._doing):
                consumer.close(autocommit=False, timeout_ms=int(self._connection.answer * 1000))

    def _join(self) -> KafkaConsumer:
        with telling(self._doing):
            consumer = opened(KafkaConsumer, self._connection.member(self._group, self._member))
            consumer.subscribe(self._topics, listener=self._listener)
        return consumer

    def _present(self, timeout: float) -> KafkaConsumer | None:
        """Return the client; a member whose name another process took stands by until it ends."""
        if self._consumer is not None or self._closed:
            if self._closed:
                raise KafkaUnavailableError("The consumer is closed.")
            return self._consumer
        if time.monotonic() < self._look_at or self._is_taken():
            self._look_at = max(self._look_at, time.monotonic() + timeout)
            time.sleep(timeout)
            return None
        self._consumer = self._join()
        return self._consumer

    def _fetch(self, consumer: KafkaConsumer, timeout: float) -> None:
        """Ask for records; they lie ready, in lines by partition, until they are given out."""
        with self._losing():
            polled = _poll(consumer, timeout)
        if self._listener.generation != self._adopted:
            try:
                self._adopt(consumer, polled)
            except KafkaUnavailableError:
                _give_back(consumer, polled)
                raise
        self._waiting = {place: deque(records) for place, records in polled.items()}

    def _take(self, limit: int) -> list[Any]:
        """Give out what lies ready, every partition an equal share."""
        taken: list[Any] = []
        while self._waiting and len(taken) < limit:
            share = max(1, (limit - len(taken)) // len(self._waiting))
            for place, line in list(self._waiting.items()):
                found = [line.popleft() for _ in range(min(share, len(line), limit - len(taken)))]
                taken += found
                if found:
                    self._next[place] = found[-1].offset + 1
                if not line:
                    del self._waiting[place]
        return taken

    def _adopt(self, consumer: KafkaConsumer, polled: Mapping[TopicPartition, Any]) -> None:
        """Note where each partition of a new assignment begins: that counts as its last commit."""
        with telling(self._doing):
            begins = {
                place: polled[place][0].offset if place in polled else consumer.position(place)
                for place in consumer.assignment()
            }
        self._committed, self._next, self._ends = dict(begins), dict(begins), {}
        self._adopted = self._listener.generation

    def _commit(self, offsets: Offsets) -> None:
        if self._consumer is None:
            raise LostGroupError
        told = {place: OffsetAndMetadata(offset, "", -1) for place, offset in offsets.items()}
        with self._losing():
            self._consumer.commit(told, timeout_ms=int(self._connection.answer * 1000))

    @contextmanager
    def _losing(self) -> Any:
        """Tell apart what lost us our place and what will pass."""
        try:
            with telling(self._doing):
                yield
        except KafkaUnavailableError as error:
            if isinstance(error.__cause__, FencedInstanceIdError):
                self._stand_by()
                raise LostGroupError from error
            if isinstance(error.__cause__, LOST):
                raise LostGroupError from error
            raise

    def _stand_by(self) -> None:
        """Give way to the process that took our name, lest the two displace each other for ever."""
        consumer, self._consumer = self._consumer, None
        self._committed, self._next, self._waiting = {}, {}, {}
        self._look_at = time.monotonic() + self._connection.session
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=int(self._connection.answer * 1000))

    def _look(self, consumer: KafkaConsumer) -> None:
        """Learn where the partitions end: by the last fetch, and by asking once a second."""
        # A member that lost its place knows no more of the partitions it had than it did.
        for place in self._next.keys() & consumer.assignment():
            self._ends[place] = max(self._ends.get(place, 0), consumer.highwater(place) or 0)
        if self._next and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            try:
                self._ends |= consumer.end_offsets(list(self._next), timeout_ms=1000)
            except KafkaError:
                return  # the broker is away; the last that is known stands


def _poll(consumer: KafkaConsumer, timeout: float) -> Any:
    """Ask for records, and go on with a join that an earlier poll did not wait to the end of.

    A leader joins anew where it learns that a topic has other partitions than it knew of.
    kafka-python 3.0.12 forgets such a join where a poll ends between its two requests, and lets
    no heartbeat go out until it is over: that member never read again.
    """
    coordinator = consumer._coordinator  # noqa: SLF001  there is no other way to it
    if coordinator.rejoining:
        coordinator.request_rejoin()
    return consumer.poll(timeout_ms=int(timeout * 1000), max_records=READY)


def _give_back(consumer: KafkaConsumer, polled: Mapping[TopicPartition, Any]) -> None:
    """Let records that nobody will see come again: the client counts them as read."""
    for place in polled.keys() & consumer.assignment():
        consumer.seek(place, polled[place][0].offset)


def record_of(found: Any) -> Record:
    """Return what kafka-python read as a record of the port."""
    return Record(
        topic=found.topic,
        partition=found.partition,
        offset=found.offset,
        key=_text(found.key),
        value=found.value,
        headers={name: _text(value) for name, value in found.headers},
        timestamp=datetime.fromtimestamp(found.timestamp / 1000, UTC),
    )


def _text(given: bytes | None) -> str:
    """Read what should be a text; one that is none must not hold up its partition for ever."""
    return (given or b"").decode(errors="replace")
