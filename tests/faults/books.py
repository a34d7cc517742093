"""What a system keeps, read behind its back: its databases and its bus."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from services.chassis.application import utc_now
from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.port import Message
from services.chassis.errors import NotFoundError

READ_SECONDS = 30.0

Told = tuple[str, dict[str, str], bytes]
"""The key, the headers and the value of a record."""


class Databases(Protocol):
    """The databases of the services."""

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """Ask a service's database."""


class Log(Protocol):
    """The bus."""

    def history(self, topic: str) -> Iterator[Told]:
        """Read a topic from its beginning, each partition in order; none where there is none."""

    def put(self, topic: str, key: str, value: bytes | None, headers: dict[str, str]) -> None:
        """Put a record on the bus, as no service of ours would."""


@dataclass(frozen=True)
class Books:
    """What the auditor opens."""

    databases: Databases
    log: Log

    @classmethod
    def embedded(cls, data: Path) -> "Books":
        """Return the books of a system that keeps everything in one folder."""
        return cls(SqliteFiles(data), EmbeddedLog(data))

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """Ask a service's database."""
        return self.databases.rows(service, query)

    def history(self, topic: str) -> Iterator[Told]:
        """Read a topic from its beginning."""
        return self.log.history(topic)


@dataclass(frozen=True)
class SqliteFiles:
    """A file for each service."""

    data: Path

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """Ask a service's database."""
        path = self.data / f"{service}.sqlite"
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            return connection.execute(query).fetchall()


@dataclass(frozen=True)
class Postgres:
    """A schema for each service."""

    url: str

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """Ask a service's database."""
        with psycopg.connect(self.url, options=f"-c search_path={service}") as connection:
            return connection.execute(query.encode()).fetchall()


@dataclass(frozen=True)
class EmbeddedLog:
    """The bus in a file."""

    data: Path

    def history(self, topic: str) -> Iterator[Told]:
        """Read a topic from its beginning, each partition in order; none where there is none."""
        with closing(self._open()) as bus:
            try:
                for record in bus.history(topic):
                    yield record.key, dict(record.headers), record.value or b""
            except NotFoundError:
                return

    def put(self, topic: str, key: str, value: bytes | None, headers: dict[str, str]) -> None:
        """Put a record on the bus, as no service of ours would."""
        with closing(self._open()) as bus:
            bus.publish([Message(topic, key, value, headers)])

    def _open(self) -> EmbeddedBus:
        return EmbeddedBus(self.data / "bus.sqlite", now=utc_now)


@dataclass(frozen=True)
class KafkaLog:
    """A broker, asked by the client library alone."""

    address: str

    def history(self, topic: str) -> Iterator[Told]:
        """Read a topic from its beginning, each partition in order; none where there is none."""
        with closing(KafkaConsumer(bootstrap_servers=self.address)) as consumer:
            places = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
            ends = consumer.end_offsets(places) if places else {}
            consumer.assign(places)
            deadline = time.monotonic() + READ_SECONDS
            for place in places:
                consumer.seek(place, 0)
            while any(consumer.position(place) < ends[place] for place in places):
                assert time.monotonic() < deadline, f"{topic} is not read in time"
                for records in consumer.poll(timeout_ms=200).values():
                    yield from map(_told, records)

    def put(self, topic: str, key: str, value: bytes | None, headers: dict[str, str]) -> None:
        """Put a record on the bus, as no service of ours would."""
        # Brokers bound what is compressed: so a large record comes in.
        room = {"compression_type": "gzip", "max_request_size": 16 * 1024 * 1024}
        with closing(KafkaProducer(bootstrap_servers=self.address, **room)) as producer:
            pairs = [(name, told.encode()) for name, told in headers.items()]
            producer.send(topic, value, key.encode(), pairs).get(READ_SECONDS)


def _told(record: Any) -> Told:
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    return record.key.decode(errors="replace"), headers, record.value or b""
