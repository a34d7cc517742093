"""Makes the changes of one database, one after another: those that wait together share a commit."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from services.chassis import postgresql, refusals
from services.chassis.errors import DeadlineError, OverloadedError, UnavailableError
from services.chassis.outage import Outage

T = TypeVar("T")

MAX_WAITING = 2000
MAX_BATCH = 200
STOP_SECONDS = 10.0
SHARING_SECONDS = 0.02
"""From one commit of shared work to the next: to commit each alone cost more than the work."""
ATTEMPTS = 4
"""How often a commit is begun that another process gets in the way of."""


Work = Callable[[sa.Connection, Sequence[Any]], Sequence[Any]]
"""Makes the changes of several callers at once: an item in and a result or error out for each."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Work
    item: Any
    result: "Future[Any]"

    @property
    def is_shared(self) -> bool:
        """Whether it may be done together with what others bring."""
        return self.item is not None


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
        self._shared_at = float("-inf")
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
        # On the writer's thread the change still belongs to its caller's trace.
        context = copy_context()
        result: T = self.share(
            lambda connection, _: [context.run(work, connection)], None, seconds=seconds
        )
        return result

    def share(self, work: Work, item: Any, *, seconds: float) -> Any:
        """Do the same with a work that takes the items of all who wait for it at once."""
        self._outage.refuse()
        waiting = _Waiting(work, item, Future())
        self._enqueue(waiting)
        try:
            return waiting.result.result(timeout=seconds)
        except FutureTimeoutError as error:
            waiting.result.cancel()
            raise DeadlineError from error

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
            self._let_others_come(first)
            batch, last = self._gather(first)
            batch = [w for w in batch if w.result.set_running_or_notify_cancel()]
            if batch:
                self._commit(batch)
            if any(waiting.is_shared for waiting in batch):
                self._shared_at = time.monotonic()
            if last:
                return

    def _let_others_come(self, first: _Waiting) -> None:
        """Wait a little before shared work goes on, so that it is begun once for many."""
        left = self._shared_at + SHARING_SECONDS - time.monotonic()
        if first.is_shared and left > 0:
            time.sleep(left)

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """Take what waits already."""
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
        refused = [found for _, _, found in answers if found and refusals.is_refusal(found)]
        self.is_failing = bool(refused)
        for found in refused:
            self._outage.tell(found)
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
        return _together(engine, batch)
    except _ApartError as undone:
        return [(waiting.result, None, undone.__cause__)]


def _together(engine: sa.Engine, batch: Sequence[_Waiting]) -> list[Answer]:
    sharing: dict[Work, list[_Waiting]] = {}
    for waiting in batch:
        sharing.setdefault(waiting.work, []).append(waiting)
    with engine.begin() as connection:
        try:
            return [
                answer
                for work, those in sharing.items()
                for answer in _answers(those, work(connection, [one.item for one in those]))
            ]
        except Exception as error:
            _raise_if_broken(error)
            raise _ApartError from error


def _apart(engine: sa.Engine, batch: Sequence[_Waiting]) -> list[Answer]:
    with engine.begin() as connection:
        return [_attempt(connection, waiting) for waiting in batch]


def _attempt(connection: sa.Connection, waiting: _Waiting) -> Answer:
    connection.exec_driver_sql("SAVEPOINT change")
    try:
        results = waiting.work(connection, [waiting.item])
    except Exception as error:  # noqa: BLE001  handed to the caller who waits for it
        _raise_if_broken(error)
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT change")
        return waiting.result, None, error
    connection.exec_driver_sql("RELEASE SAVEPOINT change")
    return _answers([waiting], results)[0]


def _answers(those: Sequence[_Waiting], results: Sequence[Any]) -> list[Answer]:
    return [
        (waiting.result, None, found)
        if isinstance(found, Exception)
        else (waiting.result, found, None)
        for waiting, found in zip(those, results, strict=True)
    ]


def _raise_if_broken(error: Exception) -> None:
    """Raise what ends the whole transaction: there is nothing left to undo a part of."""
    if postgresql.is_away(error) or postgresql.is_conflict(error):
        raise error


def _told(error: BaseException) -> BaseException:
    if refusals.is_refusal(error):
        unavailable = UnavailableError("the database cannot be written")
        unavailable.__cause__ = error
        return unavailable
    return error
