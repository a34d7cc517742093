"""The bus on Apache Kafka."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from services.chassis.bus.kafka.connection import Connection, opened
from services.chassis.bus.kafka.consumer import GroupConsumer, record_of
from services.chassis.bus.kafka.publisher import Publisher
from services.chassis.bus.kafka.refusals import KafkaUnavailableError, telling
from services.chassis.bus.kafka.topics import Difference, Topics
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

HISTORY_PAGE = 500
HISTORY_POLL_MS = 1000

log = structlog.get_logger()


class KafkaBus:
    """Topics and groups of a Kafka cluster; opening it fails at once where no broker answers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._topics = Topics(connection)
        self._publisher = Publisher(connection, self._topics.partitions)
        self._consumers: list[GroupConsumer] = []

    def ensure_topics(self, topics: Sequence[Topic]) -> None:
        """Create those that do not exist; one that exists stays as it is, lest keys move."""
        for found in self.make_topics(topics):
            log.warning(
                "kafka.topic_differs",
                topic=found.topic,
                setting=found.setting,
                wanted=found.wanted,
                found=found.found,
                remedy=found.remedy,
            )

    def make_topics(self, topics: Sequence[Topic]) -> Sequence[Difference]:
        """Create those that do not exist; return how the others differ from what is wanted."""
        for topic in topics:
            if topic.partitions < 1:
                raise InvalidError(f"{topic.name} needs a partition.")
        return self._topics.ensure(topics)

    def check_writing(self, topics: Sequence[str]) -> None:
        """Refuse at the start who may not write there, and would else find out when it hurts."""
        self._topics.check_writing(topics)

    def publish(self, messages: Sequence[Message]) -> None:
        """Write all durably, or raise; after an error publish again (duplicates, never loss)."""
        if len(messages) > LARGEST_BATCH:
            raise TooLargeError(f"At most {LARGEST_BATCH} messages go in one call.")
        for message in messages:
            if len(message.value or b"") > LARGEST_MESSAGE:
                raise TooLargeError(f"A message holds at most {LARGEST_MESSAGE} bytes.")
            self._topics.partitions(message.topic)
        if messages:
            self._publisher.publish(messages)

    def consumer(
        self, group: str, topics: Sequence[str], *, member: str, start: Start = Start.EARLIEST
    ) -> GroupConsumer:
        """Join a group under a static name; the same name takes its place back at once."""
        if not member or not topics:
            raise InvalidError("A consumer needs a name and topics.")
        places = self._places(topics)
        self._topics.check_reading(topics, group)
        if start is Start.LATEST:
            self._begin_at_end(group, places)
        consumer = GroupConsumer(
            *(self._connection, group, topics, member),
            is_taken=lambda: self._topics.has_member(group, member),
        )
        self._consumers.append(consumer)
        return consumer

    def history(self, topic: str, begins: Mapping[int, int] = WHOLE) -> Iterator[Record]:
        """Read everything to the end as it is at the call, partitions named from their offset."""
        places = self._places([topic])
        with telling(f"read {topic}"), contextlib.closing(self._reader()) as reader:
            oldest, ends = reader.beginning_offsets(places), reader.end_offsets(places)
        ahead = {
            place: range(max(oldest[place], begins.get(place.partition, 0)), ends[place])
            for place in places
        }
        return self._pages(topic, {place: offsets for place, offsets in ahead.items() if offsets})

    def ends(self, topic: str) -> Mapping[int, int]:
        """Tell the offset that the next record of each partition will get."""
        return self._topics.ends(topic)

    def at(self, topic: str, partition: int, offset: int) -> Record:
        """Read one record; NotFoundError where it is no longer kept."""
        place = TopicPartition(topic, partition)
        with telling(f"read {topic}"), contextlib.closing(self._reader()) as reader:
            if offset < reader.end_offsets([place])[place]:
                for found in self._read(reader, place, range(offset, offset + 1)):
                    return found
        raise NotFoundError("The record is no longer kept.")

    def close(self) -> None:
        """Let go of everything, but leave the places of open consumers as a crash would."""
        for consumer in self._consumers:
            consumer.close()
        self._publisher.close()
        self._topics.close()

    def _pages(self, topic: str, ahead: Mapping[TopicPartition, range]) -> Iterator[Record]:
        """Read partition after partition."""
        if not ahead:
            return
        with telling(f"read {topic}"), contextlib.closing(self._reader()) as reader:
            for place, offsets in ahead.items():
                yield from self._read(reader, place, offsets)

    def _read(
        self, reader: KafkaConsumer, place: TopicPartition, offsets: range
    ) -> Iterator[Record]:
        """Read what is kept of a range of offsets, a page at a time."""
        reader.assign([place])
        reader.seek(place, offsets.start)
        patience = time.monotonic() + self._connection.publish
        while reader.position(place) < offsets.stop:
            found = reader.poll(timeout_ms=HISTORY_POLL_MS, max_records=HISTORY_PAGE)
            if found:
                patience = time.monotonic() + self._connection.publish
            elif time.monotonic() > patience:
                raise KafkaUnavailableError("The brokers give no more of a topic.")
            for one in found.get(place, ()):
                if one.offset in offsets:
                    yield record_of(one)

    def _places(self, topics: Sequence[str]) -> list[TopicPartition]:
        return [
            TopicPartition(topic, partition)
            for topic in topics
            for partition in range(self._topics.partitions(topic))
        ]

    def _reader(self) -> KafkaConsumer:
        return opened(KafkaConsumer, self._connection.consumer())

    def _begin_at_end(self, group: str, places: Sequence[TopicPartition]) -> None:
        """Commit the ends for a group that has committed nothing: its beginning is now."""
        settings = {**self._connection.consumer(), "group_id": group}
        doing = f"read as group {group}"
        with telling(doing), contextlib.closing(opened(KafkaConsumer, settings)) as reader:
            ends = reader.end_offsets(list(places))
            new = {
                place: OffsetAndMetadata(end, "", -1)
                for place, end in ends.items()
                if reader.committed(place) is None
            }
            if new:
                with contextlib.suppress(KafkaError):  # the group lives, and has its own beginning
                    reader.commit(new)
