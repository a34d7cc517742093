"""Work that goes round on a thread of its own, and outlives every surprise."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from services.chassis.errors import ServiceError
from services.chassis.telemetry import failure

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rest:
    """How long to wait for the next round: until woken or for so long, but at least so long."""

    most: float = 0.0
    least: float = 0.0

    @classmethod
    def whole(cls, seconds: float) -> "Rest":
        """Return a rest that nobody ends early."""
        return cls(seconds, seconds)


AT_ONCE = Rest()
FAILED = Rest.whole(1.0)

Round = Callable[[], Rest]
"""Does what there is to do, and tells how long to wait for more."""


class Rounds:
    """Goes round until it is stopped; what fails is tried again, so a round keeps its own place."""

    def __init__(self, name: str, go_round: Round) -> None:
        self._name = name
        self._go_round = go_round
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, grace: float) -> None:
        """End after the round at hand."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(grace)

    def wake(self) -> None:
        """Say from any thread that there may be something to do."""
        self._wake.set()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            rest = self._round()
            self._stopping.wait(rest.least)
            self._wake.wait(rest.most - rest.least)
            self._wake.clear()  # before the round: whoever wakes during it has the next at once

    def _round(self) -> Rest:
        try:
            return self._go_round()
        except ServiceError as error:
            log.warning("round put off", loop=self._name, code=error.reason)
        except Exception as error:  # noqa: BLE001  a loop must never end by accident
            log.error("round failed", loop=self._name, **failure(error))
        return FAILED
