"""Makes the changes of one database, one after another: those that wait together share a commit."""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from services.chassis import postgresql
from services.chassis.errors import DeadlineError, OverloadedError, UnavailableError
from services.chassis.outage import FAILURES, Outage

T = TypeVar("T")

MAX_WAITING = 2000
MAX_BATCH = 200
STOP_SECONDS = 10.0
ATTEMPTS = 4
"""How often a commit is begun that another process gets in the way of."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Callable[[sa.Connection], Any]
    result: "Future[Any]"


Answer = tuple["Future[Any]", Any, BaseException | None]


class _ApartError(Exception):
    """A change failed among others: all are made again, so that it can be undone alone."""


class Writer:
    """Makes changes on one connection; the queue is bounded.

    A change that fails is undone alone; when the commit itself fails, every
    change of it fails, also where it is not known whether it stands. A change
    may be run again before it is committed, and so must do nothing but SQL.
    """

    def __init__(self, engine: sa.Engine, outage: Outage) -> None:
        self._engine = engine
        self._outage = outage
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(MAX_WAITING)
        self._after_commit: list[Callable[[], None]] = []
        self._closed = False
        self.is_failing = False
        """Tells that the last commit could not be written."""
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
        self._outage.refuse()
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
            if batch:
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
        try:
            answers = self._make(batch)
        except Exception as error:  # noqa: BLE001  whatever broke the commit, every caller hears of it
            self.is_failing = True
            self._outage.note(error)
            for waiting in batch:
                waiting.result.set_exception(_told(error))
            return
        self.is_failing = any(isinstance(failure, FAILURES) for _, _, failure in answers)
        self._outage.end()
        for call in self._after_commit:
            call()
        for future, value, failure in answers:
            if failure is None:
                future.set_result(value)
            else:
                future.set_exception(_told(failure))

    def _make(self, batch: Sequence[_Waiting]) -> list[Answer]:
        """Make the changes in one transaction; without savepoints, while nothing goes wrong."""
        attempt = _together if len(batch) > 1 else _alone
        for left in reversed(range(ATTEMPTS)):
            try:
                return attempt(self._engine, batch)
            except _ApartError:
                attempt = _apart
            except exc.DBAPIError as error:
                if not (left and postgresql.is_conflict(error)):
                    raise
        raise AssertionError("the last attempt returns or raises")


def _alone(engine: sa.Engine, batch: Sequence[_Waiting]) -> list[Answer]:
    (waiting,) = batch
    try:
        with engine.begin() as connection:
            try:
                value = waiting.work(connection)
            except Exception as error:
                _raise_if_broken(error)
                raise _ApartError from error
    except _ApartError as undone:
        return [(waiting.result, None, undone.__cause__)]
    return [(waiting.result, value, None)]


def _together(engine: sa.Engine, batch: Sequence[_Waiting]) -> list[Answer]:
    with engine.begin() as connection:
        try:
            return [(waiting.result, waiting.work(connection), None) for waiting in batch]
        except Exception as error:
            _raise_if_broken(error)
            raise _ApartError from error


def _apart(engine: sa.Engine, batch: Sequence[_Waiting]) -> list[Answer]:
    with engine.begin() as connection:
        return [(waiting.result, *_attempt(connection, waiting.work)) for waiting in batch]


def _attempt(
    connection: sa.Connection, work: Callable[[sa.Connection], Any]
) -> tuple[Any, BaseException | None]:
    connection.exec_driver_sql("SAVEPOINT change")
    try:
        value = work(connection)
    except Exception as error:  # noqa: BLE001  handed to the caller who waits for it
        _raise_if_broken(error)
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT change")
        return None, error
    connection.exec_driver_sql("RELEASE SAVEPOINT change")
    return value, None


def _raise_if_broken(error: Exception) -> None:
    """Raise what ends the whole transaction: there is nothing left to undo a part of."""
    if postgresql.is_away(error) or postgresql.is_conflict(error):
        raise error


def _told(error: BaseException) -> BaseException:
    if isinstance(error, FAILURES) or postgresql.is_read_only(error):
        unavailable = UnavailableError("the database cannot be written")
        unavailable.__cause__ = error
        return unavailable
    return error
