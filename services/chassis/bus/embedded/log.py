"""Appends to the log and shortens it: SQL on the writing connection, inside its transactions."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from services.chassis.bus.embedded.consumer import TopicRow
from services.chassis.bus.port import Message, Topic, partition_of

INSERT = (
    "INSERT INTO records (topic, partition, offset, time_ms, key, headers, value) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
DROP = (
    "DELETE FROM records WHERE topic = ? AND partition = ? AND time_ms < ? AND offset IN "
    "(SELECT offset FROM records WHERE topic = ? AND partition = ? ORDER BY offset LIMIT ?)"
)
TIDY_STEP = 500


def create(connection: sqlite3.Connection, topics: Sequence[Topic]) -> None:
    """Create the topics that do not exist."""
    for topic in topics:
        _create(connection, topic)


def _create(connection: sqlite3.Connection, topic: Topic) -> None:
    """Create a topic and its partitions unless it exists."""
    retention = None if topic.retention is None else int(topic.retention.total_seconds() * 1000)
    created = connection.execute(
        "INSERT INTO topics (name, partitions, retention_ms, compact) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING RETURNING id",
        (topic.name, topic.partitions, retention, topic.compact),
    ).fetchone()
    if created is not None:
        connection.executemany(
            "INSERT INTO heads (topic, partition, next) VALUES (?, ?, 0)",
            [(created[0], partition) for partition in range(topic.partitions)],
        )


def append(
    connection: sqlite3.Connection,
    topics: Mapping[str, TopicRow],
    messages: Sequence[Message],
    time_ms: int,
) -> None:
    """Append messages, each to the partition of its key."""
    places: defaultdict[tuple[str, int], list[Message]] = defaultdict(list)
    for message in messages:
        partition = partition_of(message.key, topics[message.topic].partitions)
        places[message.topic, partition].append(message)
    for (name, partition), group in places.items():
        _append_to(connection, topics[name], partition, group, time_ms)


def _append_to(
    connection: sqlite3.Connection,
    topic: TopicRow,
    partition: int,
    messages: Sequence[Message],
    time_ms: int,
) -> None:
    """Append messages to one partition."""
    (head,) = connection.execute(
        "UPDATE heads SET next = next + ? WHERE topic = ? AND partition = ? RETURNING next",
        (len(messages), topic.id, partition),
    ).fetchone()
    rows = [
        (topic.id, partition, offset, time_ms, m.key, _told(m.headers), m.value)
        for offset, m in enumerate(messages, head - len(messages))
    ]
    connection.executemany(INSERT, rows)
    if topic.compact:
        for row in rows:
            _supersede(connection, topic.id, partition, offset=row[2], key=row[4])


def _told(headers: Mapping[str, str]) -> str:
    return msgspec.json.encode(dict(headers)).decode()


def _supersede(
    connection: sqlite3.Connection, topic: int, partition: int, *, offset: int, key: str
) -> None:
    """Remove the older record of a key, and note where the newest is."""
    connection.execute(
        "DELETE FROM records WHERE (topic, partition, offset) IN "
        "(SELECT topic, partition, offset FROM newest WHERE topic = ? AND key = ?)",
        (topic, key),
    )
    connection.execute(
        "INSERT INTO newest (topic, key, partition, offset) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET offset = excluded.offset",
        (topic, key, partition, offset),
    )


def drop_expired(connection: sqlite3.Connection, topic: TopicRow, now_ms: int) -> int:
    """Drop one step of records that are past the topic's retention; tell how many."""
    oldest_kept = now_ms - (topic.retention_ms or 0)
    return sum(
        connection.execute(
            DROP, (topic.id, partition, oldest_kept, topic.id, partition, TIDY_STEP)
        ).rowcount
        for partition in range(topic.partitions)
    )
