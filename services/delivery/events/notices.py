"""The door of time for messages to citizens: what is due is told, a few at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog

from services.chassis.errors import ServiceError
from services.chassis.telemetry import failure
from services.delivery.domain.notices import Notice, NoticeState, Told
from services.delivery.ports import Clock
from services.delivery.ports.notices import Notices

IDLE_SECONDS = 1.0
AT_ONCE = 4
BATCH = 20

log = structlog.get_logger()


class NoticeLoop:
    """Tells citizens until it is stopped; `wake` may be called from any thread."""

    def __init__(
        self, notices: Notices, tell: Callable[[Notice], Told], now: Clock, *, lease: timedelta
    ) -> None:
        self._notices = notices
        self._tell = tell
        self._now = now
        self._lease = lease
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="notice")
        self._thread = threading.Thread(target=self._loop, name="notices", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self, grace: float) -> None:
        """Take up nothing more."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(grace)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """Say that there may be something to tell."""
        self._wake.set()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                now = self._now()
                due = self._notices.claim(BATCH, now, now + self._lease)
                for _ in self._pool.map(self._one, due):
                    pass
            except ServiceError as error:
                log.warning("notices wait", code=error.reason)
                due = []
            except Exception as error:  # noqa: BLE001  the loop outlives every surprise
                log.error("notices failed", **failure(error))
                due = []
            if not due:
                self._wake.wait(IDLE_SECONDS)

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
