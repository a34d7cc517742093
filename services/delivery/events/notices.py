"""The door of time for messages to citizens: what is due is told, a few at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog

from services.chassis.errors import ServiceError
from services.chassis.rounds import AT_ONCE, Rest, Rounds
from services.chassis.telemetry import failure
from services.delivery.domain.notices import Notice, NoticeState, Told
from services.delivery.ports import Clock
from services.delivery.ports.notices import Notices

IDLE_SECONDS = 1.0
TELLERS = 4
BATCH = 20

log = structlog.get_logger()


class NoticeLoop(Rounds):
    """Tells citizens."""

    def __init__(
        self, notices: Notices, tell: Callable[[Notice], Told], now: Clock, *, lease: timedelta
    ) -> None:
        super().__init__("notices", self._tell_some)
        self._notices = notices
        self._tell = tell
        self._now = now
        self._lease = lease
        self._pool = ThreadPoolExecutor(TELLERS, thread_name_prefix="notice")

    def stop(self, grace: float) -> None:
        """Take up nothing more."""
        super().stop(grace)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _tell_some(self) -> Rest:
        now = self._now()
        due = self._notices.claim(BATCH, now, now + self._lease)
        for _ in self._pool.map(self._one, due):
            pass
        return AT_ONCE if due else Rest(IDLE_SECONDS)

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
