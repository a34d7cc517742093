"""A small database to write notes in, and a way to keep its writer occupied."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from services.chassis import postgresql
from services.chassis.config import Settings
from services.chassis.database import Database, database_of

Wait = Callable[[Callable[[], object]], None]

notes = sa.Table(
    "notes",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("words", sa.Text, nullable=False),
)


def write(words: str) -> Callable[[sa.Connection], int]:
    """Make a change that notes the words and returns the number of the note."""

    def work(connection: sa.Connection) -> int:
        made = connection.execute(sa.insert(notes).values(words=words))
        return int(made.inserted_primary_key[0])

    return work


def written(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(sa.select(notes.c.words).order_by(notes.c.id)).scalars())


def notebook(settings: Settings) -> Database:
    return bare(settings, "notes", notes.metadata)


def bare(settings: Settings, name: str, metadata: sa.MetaData) -> Database:
    """Open a database whose tables are made without migrations."""

    def make(connection: sa.Connection) -> None:
        if connection.dialect.name == "postgresql":
            postgresql.make_schema(connection)
        metadata.create_all(connection)

    database = database_of(settings, name)
    database.change(make)
    return database


class Busy:
    """Keeps the writer occupied until it is let go, so that changes queue up behind it."""

    def __init__(self, database: Database, pool: ThreadPoolExecutor) -> None:
        self._database, self._pool = database, pool
        self._begun, self._leave = threading.Event(), threading.Event()
        self.change = pool.submit(database.change, self._work)
        assert self._begun.wait(20)

    def queue(self, eventually: Wait, *works: Callable[..., Any], **more: Any) -> list[Future[Any]]:
        """Queue changes one after another."""
        waiting = self._database.writer._queue
        changes = []
        for number, work in enumerate(works, start=waiting.qsize() + 1):
            changes.append(self._pool.submit(self._database.change, work, **more))
            eventually(lambda number=number: waiting.qsize() == number)
        return changes

    def end(self) -> None:
        self._leave.set()

    def _work(self, connection: sa.Connection) -> None:
        self._begun.set()
        assert self._leave.wait(20)
        write("busy")(connection)
