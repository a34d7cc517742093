"""The door of time for messages to citizens: what is due is told, as soon as a thread is free."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta

import structlog

from services.chassis.bus.pace import SPACING
from services.chassis.errors import ServiceError
from services.chassis.rounds import Rest, Rounds
from services.chassis.telemetry import failure
from services.delivery.domain.notices import Notice, NoticeState, Told
from services.delivery.ports import Clock
from services.delivery.ports.notices import Notices

IDLE_SECONDS = 1.0

log = structlog.get_logger()


class NoticeLoop(Rounds):
    """Tells citizens; one whose server is slow holds a single thread, and nobody else up."""

    def __init__(
        self,
        notices: Notices,
        tell: Callable[[Notice], Told],
        now: Clock,
        *,
        threads: int,
        lease: timedelta,
    ) -> None:
        super().__init__("notices", self._tell_some)
        self._notices = notices
        self._tell = tell
        self._now = now
        self._lease = lease
        self._free = threads
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="notice")

    def stop(self, grace: float) -> None:
        """Take up nothing more."""
        super().stop(grace)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _tell_some(self) -> Rest:
        """Take up as much as there are threads free; each that gets free wakes us for more."""
        now = self._now()
        with self._lock:
            room = self._free
        due = self._notices.claim(room, now, now + self._lease) if room else ()
        with self._lock:
            self._free -= len(due)
        for notice in due:
            self._pool.submit(copy_context().run, self._one_and_next, notice)
        return Rest(IDLE_SECONDS, SPACING)

    def _one_and_next(self, notice: Notice) -> None:
        try:
            self._one(notice)
        finally:
            with self._lock:
                self._free += 1
            self.wake()

    def _one(self, notice: Notice) -> None:
        """Tell one citizen; the line that is logged holds no address."""
        named = {"case_id": notice.case_id, "template": notice.template}
        try:
            told = self._tell(notice)
        except ServiceError as error:  # it is taken up again when our lease is over
            log.warning("citizen not told", code=error.reason, **named)
        except Exception as error:  # noqa: BLE001  one message must not end the others
            log.error("citizen not told", **failure(error), **named)
        else:
            write = log.error if told.state is NoticeState.FAILED else log.info
            write("citizen told", state=told.state.value, code=told.code, **named)
