"""What a system keeps, read behind its back: its databases and its bus."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from services.chassis.application import utc_now
from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.port import Message
from services.chassis.errors import NotFoundError

Told = tuple[str, dict[str, str], bytes]
"""The key, the headers and the value of a record."""


class Books(Protocol):
    """What the auditor opens."""

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """Ask a service's database."""

    def history(self, topic: str) -> Iterator[Told]:
        """Read a topic from its beginning, each partition in order; none where there is none."""

    def put(self, topic: str, key: str, value: bytes, headers: dict[str, str]) -> None:
        """Put a record on the bus, as no service of ours would."""


@dataclass(frozen=True)
class EmbeddedBooks:
    """The files of a system that keeps everything in one folder."""

    data: Path

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """Ask a service's database."""
        path = self.data / f"{service}.sqlite"
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            return connection.execute(query).fetchall()

    def history(self, topic: str) -> Iterator[Told]:
        """Read a topic from its beginning, each partition in order; none where there is none."""
        bus = EmbeddedBus(self.data / "bus.sqlite", now=utc_now)
        try:
            for record in bus.history(topic):
                yield record.key, dict(record.headers), record.value or b""
        except NotFoundError:
            return
        finally:
            bus.close()

    def put(self, topic: str, key: str, value: bytes, headers: dict[str, str]) -> None:
        """Put a record on the bus, as no service of ours would."""
        bus = EmbeddedBus(self.data / "bus.sqlite", now=utc_now)
        try:
            bus.publish([Message(topic, key, value, headers)])
        finally:
            bus.close()
