"""Remembers for a moment that a database is away, so that not everybody waits to find out."""

import threading
import time

import structlog

from services.chassis import postgresql, refusals
from services.chassis.errors import UnavailableError

AWAY_SECONDS = 0.5
PROBE_SECONDS = 15.0
"""More than a caller who finds out can wait for an answer."""
TOLD_SECONDS = 60.0
"""One reason is told the log no more often."""

log = structlog.get_logger()


class Outage:
    """While it lasts callers are refused at once, but for one at a time, who finds out."""

    def __init__(self) -> None:
        self._until = 0.0
        self._told: dict[str, float] = {}
        self._lock = threading.Lock()

    def refuse(self) -> None:
        """Raise UnavailableError during an outage."""
        if not self._until:
            return
        with self._lock:
            now = time.monotonic()
            if now < self._until:
                raise UnavailableError("the database is away")
            if self._until:
                self._until = now + PROBE_SECONDS

    def note(self, error: BaseException) -> None:
        """Look at an error: it may be that the server is away."""
        self.tell(error)
        if postgresql.is_away(error):
            self._until = time.monotonic() + AWAY_SECONDS
        else:
            self.end()

    def end(self) -> None:
        """Note that the server answers."""
        self._until = 0.0

    def tell(self, error: BaseException) -> None:
        """Tell the log why the database refuses; callers need not know, an operator must."""
        if not refusals.is_refusal(error):
            return
        why, now = refusals.why(error), time.monotonic()
        with self._lock:
            is_new = now - self._told.get(why.reason, float("-inf")) > TOLD_SECONDS
            if is_new:
                self._told[why.reason] = now
        if is_new:
            log.warning("database.refuses", code=why.reason, why=why.message)
