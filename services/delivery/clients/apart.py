"""Work that may hang: done on threads of its own, a few at once and fewer for each office.

Whoever asks for it waits no longer than its seconds. What hangs on keeps its thread, so that
however long a name server or a receiver takes, no more than these threads are ever taken.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import copy_context
from typing import TypeVar

from services.chassis.errors import DeadlineError
from services.delivery.domain.webhooks import BusyError

T = TypeVar("T")


class Apart:
    """Does work apart from the threads that everybody's calls are answered on."""

    def __init__(self, name: str, *, threads: int, per_office: int, seconds: float) -> None:
        self._threads = threads
        self._per_office = per_office
        self._seconds = seconds
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    def run(self, office: str, work: Callable[[], T]) -> T:
        """Return what the work returns, or raise what it raises.

        Raises BusyError where there is no room now, and DeadlineError where it takes too long.
        """
        self._enter(office)
        under_way = self._pool.submit(copy_context().run, self._do, office, work)
        try:
            return under_way.result(self._seconds)
        except FutureTimeoutError as error:
            if under_way.done():  # the work itself ran into a time-out of its own
                raise
            raise DeadlineError from error

    def close(self) -> None:
        """Take up nothing more; what hangs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, office: str, work: Callable[[], T]) -> T:
        try:
            return work()
        finally:  # before anybody hears of the end: whoever comes then finds room
            self._leave(office)

    def _enter(self, office: str) -> None:
        with self._lock:
            is_full = self._under_way.total() >= self._threads
            if is_full or self._under_way[office] >= self._per_office:
                raise BusyError
            self._under_way[office] += 1

    def _leave(self, office: str) -> None:
        with self._lock:
            self._under_way[office] -= 1
            self._under_way += Counter()  # drops those with nothing under way
