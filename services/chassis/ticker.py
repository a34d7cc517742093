"""Does something again and again, alone among its replicas."""

import threading
import time
from collections.abc import Callable

import structlog

from services.chassis.database import Database
from services.chassis.errors import ServiceError
from services.chassis.outbox import Lease
from services.chassis.telemetry import failure

FAILED_SECONDS = 1.0

log = structlog.get_logger()


class Ticker:
    """Calls a work every so many seconds, and again at once while it says that there is more.

    Of several the one with the lease works. What fails is tried again: the work keeps its
    own place.
    """

    def __init__(
        self, work: Callable[[], bool], database: Database, lease: Lease, *, seconds: float
    ) -> None:
        self._work = work
        self._database = database
        self._lease = lease
        self._seconds = seconds
        self._lease_until = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="ticker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, grace: float) -> None:
        """End after the call at hand."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(grace)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                there_is_more = self._leads() and self._work()
            except ServiceError as error:
                log.warning("ticker waits", lease=self._lease.name, code=error.reason)
                self._stopping.wait(FAILED_SECONDS)
                continue
            except Exception as error:  # noqa: BLE001  the ticker outlives every surprise
                log.error("ticker failed", lease=self._lease.name, **failure(error))
                self._stopping.wait(FAILED_SECONDS)
                continue
            if not there_is_more:
                self._stopping.wait(self._seconds)

    def _leads(self) -> bool:
        now = time.monotonic()
        if now >= self._lease_until:
            if not self._database.change(self._lease.take):
                return False
            self._lease_until = now + self._lease.seconds / 3
        return True
