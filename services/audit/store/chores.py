"""What is done now and then, each on a thread of its own."""

import threading
from collections.abc import Callable

import structlog

from services.chassis.errors import ServiceError
from services.chassis.telemetry import failure

AGAIN_SECONDS = 5.0

log = structlog.get_logger()


class Chore:
    """Calls a function again and again, and sooner where it failed."""

    def __init__(self, name: str, do: Callable[[], object], seconds: float) -> None:
        self._name = name
        self._do = do
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

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
            wait = self._seconds if self._done() else min(AGAIN_SECONDS, self._seconds)

    def _done(self) -> bool:
        try:
            self._do()
        except ServiceError as error:
            log.warning("chore waits", chore=self._name, code=error.reason)
            return False
        except Exception as error:  # noqa: BLE001  a chore outlives every surprise
            log.error("chore failed", chore=self._name, **failure(error))
            return False
        return True
