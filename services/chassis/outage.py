"""Remembers for a moment that a database is away, so that not everybody waits to find out."""

import threading
import time

from sqlalchemy import exc

from services.chassis import postgresql
from services.chassis.errors import UnavailableError

AWAY_SECONDS = 0.5
PROBE_SECONDS = 15.0
"""More than a caller who finds out can wait for an answer."""
FAILURES = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What a database raises when it cannot do what it can at other times."""


class Outage:
    """While it lasts callers are refused at once, but for one at a time, who finds out."""

    def __init__(self) -> None:
        self._until = 0.0
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
        if postgresql.is_away(error):
            self._until = time.monotonic() + AWAY_SECONDS
        else:
            self.end()

    def end(self) -> None:
        """Note that the server answers."""
        self._until = 0.0
