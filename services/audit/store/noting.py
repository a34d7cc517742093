"""Notes now and then how many services are online, on a thread of its own."""

import threading
from collections.abc import Callable

import structlog

from services.chassis.errors import ServiceError
from services.chassis.telemetry import failure

NOTE_SECONDS = 600.0
AGAIN_SECONDS = 5.0

log = structlog.get_logger()


class Noter:
    """Calls a function every ten minutes, and sooner where it failed."""

    def __init__(self, note: Callable[[], None], seconds: float = NOTE_SECONDS) -> None:
        self._note = note
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="noter", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, grace: float) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(grace)

    def _loop(self) -> None:
        wait = 0.0
        while not self._stopping.wait(wait):
            wait = self._seconds if self._noted() else min(AGAIN_SECONDS, self._seconds)

    def _noted(self) -> bool:
        try:
            self._note()
        except ServiceError as error:
            log.warning("register not noted", code=error.reason)
            return False
        except Exception as error:  # noqa: BLE001  the noter outlives every surprise
            log.error("register not noted", **failure(error))
            return False
        return True
