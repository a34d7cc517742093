"""A service's own database: SQLAlchemy Core, SQLite by default, many changes to a commit.

SQLite runs in WAL mode with `synchronous=FULL`: what was acknowledged survives a
power cut. One writer connection makes every change and every checkpoint, which
is also what keeps clear of the WAL-reset bug of SQLite 3.7.0 to 3.51.2.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, exc

from services.chassis.config import Settings
from services.chassis.errors import DeadlineError, OverloadedError, UnavailableError

T = TypeVar("T")

BUSY_MILLISECONDS = 5000
MAX_WAITING = 2000
MAX_BATCH = 200
STOP_SECONDS = 10.0
CHANGE_SECONDS = 10.0


class Database:
    """A database that many threads read and one writer changes."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(
            url,
            pool_size=8,
            max_overflow=24,
            pool_timeout=5,
            hide_parameters=True,  # an error's text goes to the log; what people wrote does not
        )
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin)
        self.writer = Writer(self.engine)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection for reading; what it sees does not change meanwhile."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except exc.OperationalError as error:
            raise UnavailableError("the database does not answer") from error

    def change(self, work: Callable[[sa.Connection], T], *, seconds: float = CHANGE_SECONDS) -> T:
        """Run a change and return its result once it is committed."""
        return self.writer.run(work, seconds=seconds)

    def close(self) -> None:
        """Finish what waits to be written and close."""
        self.writer.close()
        self.engine.dispose()


def open_database(settings: Settings, name: str, migrations: Path) -> Database:
    """Open a service's database and bring its tables up to date."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{settings.data_dir / f'{name}.sqlite'}")
    try:
        migrate(database.engine, migrations)
    except BaseException:
        database.close()
        raise
    return database


def migrate(engine: sa.Engine, folder: Path, *, to: str = "head") -> None:
    """Bring the tables up to a revision, or down to "base", by Alembic."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _context: Any) -> Any:
        if to == "base":
            return script._downgrade_revs(to, revision)  # noqa: SLF001  as alembic.command does
        return script._upgrade_revs(to, revision)  # noqa: SLF001  as alembic.command does

    writing = engine.execution_options(writes=True)
    with EnvironmentContext(config, script, fn=steps) as environment, writing.begin() as connection:
        environment.configure(connection=connection)
        environment.run_migrations()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling breaks savepoints; we begin by ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # Who reads before writing must hold the lock from the start, or meets "database is locked"
    # at once when another process wrote in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Callable[[sa.Connection], Any]
    result: "Future[Any]"


class Writer:
    """Makes changes one after another on one connection; those that wait together share a commit.

    A change that fails is undone alone (savepoint); when the commit itself
    fails, every change of it fails. The queue is bounded.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine.execution_options(writes=True)
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(MAX_WAITING)
        self._after_commit: list[Callable[[], None]] = []
        self._closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="writer", daemon=True)
        self._thread.start()

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have a function called after every commit, on the writer's thread; it must be quick."""
        self._after_commit.append(call)

    def run(self, work: Callable[[sa.Connection], T], *, seconds: float) -> T:
        """Return what the change returned, once it is on disk.

        Raises what the change raised, OverloadedError when too many wait,
        UnavailableError when the database fails, and DeadlineError when it is
        not known in time; then a change that has begun may still be made.
        """
        # On the writer's thread the change still belongs to its caller's trace.
        context = copy_context()
        waiting = _Waiting(lambda connection: context.run(work, connection), Future())
        self._enqueue(waiting)
        try:
            result: T = waiting.result.result(timeout=seconds)
        except FutureTimeoutError as error:
            waiting.result.cancel()
            raise DeadlineError from error
        return result

    def close(self) -> None:
        """Make the changes that wait, then stop."""
        with self._door:
            was_closed, self._closed = self._closed, True
        if not was_closed:
            self._queue.put(None, timeout=STOP_SECONDS)
            self._thread.join(STOP_SECONDS)

    def _enqueue(self, waiting: _Waiting) -> None:
        with self._door:  # nothing may come behind the mark that ends the queue
            if self._closed:
                raise UnavailableError("the database is closing")
            try:
                self._queue.put_nowait(waiting)
            except queue.Full as error:
                raise OverloadedError from error

    def _loop(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, last = self._gather(first)
            batch = [w for w in batch if w.result.set_running_or_notify_cancel()]
            self._commit(batch)
            if last:
                return

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """Take what waits already; never wait for more."""
        batch = [first]
        while len(batch) < MAX_BATCH:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return batch, True
            batch.append(following)
        return batch, False

    def _commit(self, batch: list[_Waiting]) -> None:
        answers: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.begin() as connection:
                for waiting in batch:
                    answers.append((waiting.result, *_attempt(connection, waiting.work)))
        except Exception as error:  # noqa: BLE001  whatever broke the commit, every caller hears of it
            for waiting in batch:
                waiting.result.set_exception(_told(error))
            return
        for call in self._after_commit:
            call()
        for future, value, failure in answers:
            if failure is None:
                future.set_result(value)
            else:
                future.set_exception(_told(failure))


def _attempt(
    connection: sa.Connection, work: Callable[[sa.Connection], Any]
) -> tuple[Any, BaseException | None]:
    connection.exec_driver_sql("SAVEPOINT change")
    try:
        value = work(connection)
    except Exception as error:  # noqa: BLE001  handed to the caller who waits for it
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT change")
        return None, error
    connection.exec_driver_sql("RELEASE SAVEPOINT change")
    return value, None


def _told(error: BaseException) -> BaseException:
    if isinstance(error, exc.OperationalError | exc.InterfaceError):
        unavailable = UnavailableError("the database cannot be written")
        unavailable.__cause__ = error
        return unavailable
    return error
