"""The one writer: callers who come at the same time share a transaction and its sync.

Across processes a lock file makes the writer one as well, because SQLite before
3.51.3 may damage the log when a checkpoint races another process's commit. The
operating system frees the lock when its holder dies.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from services.chassis.bus.embedded.file import open_for_writing, translated
from services.chassis.errors import OverloadedError, UnavailableError

T = TypeVar("T")
LONGEST_LOCK_STEP = 0.004
PENDING_LIMIT = 1000


class FileLock:
    """A lock between processes that dies with its holder."""

    def __init__(self, path: Path, patience: float) -> None:
        self._patience = patience
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock, or raise after the patience is over."""
        self._acquire()
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _acquire(self) -> None:
        """Try in growing steps, for flock itself knows no deadline."""
        deadline, step = time.monotonic() + self._patience, 0.0002
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise UnavailableError("Another process holds the bus file.") from error
            else:
                return
            time.sleep(step)
            step = min(step * 2, LONGEST_LOCK_STEP)

    def close(self) -> None:
        """Let go of the lock file."""
        os.close(self._descriptor)


class _Job(Generic[T]):
    """One caller's piece of a shared transaction."""

    def __init__(self, work: Callable[[sqlite3.Connection], T]) -> None:
        self._work = work
        self._result: T | None = None
        self.error: Exception | None = None
        self.done = False

    def attempt(self, connection: sqlite3.Connection) -> None:
        """Do the work so that its failure leaves the work of others alone."""
        connection.execute("SAVEPOINT job")
        try:
            with translated():
                self._result = self._work(connection)
        except Exception as error:
            if not connection.in_transaction:  # SQLite gave up the whole transaction
                raise
            connection.execute("ROLLBACK TO job")
            self.error = error
        connection.execute("RELEASE job")

    def outcome(self) -> T:
        """Give what the work gave, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self._result  # type: ignore[return-value]  # set by attempt before done


class Writer:
    """Runs pieces of work in shared, durable transactions, in the order they came.

    Whoever comes while nobody writes leads: he writes for all who wait. Those who
    come meanwhile wait, and one of them leads next.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self._patience = patience
        self._lock = FileLock(path.with_name(path.name + ".lock"), patience)
        self._changed = threading.Condition()
        self._pending: list[_Job[object]] = []
        self._led = False
        try:
            with self._lock.held():
                self._connection = open_for_writing(path, patience)
        except BaseException:
            self._lock.close()
            raise
        self._closed = False

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do the work and return once it is durable."""
        job = _Job(work)
        with self._changed:
            self._enlist(job)
            if not self._changed.wait_for(lambda: job.done or not self._led, self._patience):
                self._withdraw(job)
                raise UnavailableError("The bus did not take the write in time.")
            jobs = [] if job.done else self._lead()
        if jobs:
            self._commit(jobs)
        return job.outcome()

    def _enlist(self, job: _Job[T]) -> None:
        """Queue the job, unless too many wait already."""
        if len(self._pending) >= PENDING_LIMIT:
            raise OverloadedError("Too many writers wait for the bus.")
        self._pending.append(job)  # type: ignore[arg-type]  # the result is the caller's

    def _withdraw(self, job: _Job[T]) -> None:
        """Take a job back that nobody started."""
        with contextlib.suppress(ValueError):
            self._pending.remove(job)  # type: ignore[arg-type]  # the result is the caller's

    def _lead(self) -> list[_Job[object]]:
        """Become the one who writes, and take all that wait."""
        self._led = True
        jobs, self._pending = self._pending, []
        return jobs

    def _commit(self, jobs: list[_Job[object]]) -> None:
        """Put all jobs through one transaction; if it fails, each of them failed."""
        failure: Exception | None = UnavailableError("The write was interrupted.")
        try:
            self._transact(jobs)
            failure = None
        except Exception as error:  # noqa: BLE001  # every waiting caller must hear of it
            failure = error
        finally:
            with self._changed:
                for job in jobs:
                    job.error, job.done = job.error or failure, True
                self._led = False
                self._changed.notify_all()

    def _transact(self, jobs: list[_Job[object]]) -> None:
        """Run the jobs between BEGIN and COMMIT while no other process writes."""
        if self._closed:
            raise UnavailableError("The bus is closed.")
        with self._lock.held(), translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for job in jobs:
                    job.attempt(self._connection)
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close after the write in progress; later writes are refused."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            if not self._changed.wait_for(lambda: not self._led, 3 * self._patience):
                raise UnavailableError("A write hangs; the bus file stays open.")
            with self._lock.held():
                self._connection.close()
            self._lock.close()
