"""How a loop paces itself, and what it counts."""

import random
from dataclasses import dataclass

LARGEST_POWER = 30
SPACING = 0.02
"""Seconds between two batches of a loop that keeps up: what comes meanwhile shares the next one.

Most of what a batch costs (begin, commit, sync, statements) it costs once. At 100 cases a second
a loop without this handled batches of one to three. After a rest the first goes at once.
"""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double up to a longest one, each shortened at random so that loops spread."""

    first: float = 0.1
    longest: float = 10.0

    def delay(self, failures: int) -> float:
        """Tell how long to wait after so many failures in a row."""
        full = min(self.longest, self.first * 2.0 ** min(failures - 1, LARGEST_POWER))
        return full * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, guards nothing


@dataclass(slots=True)
class LoopCounts:
    """What a loop did since it started; only the loop writes, metrics read."""

    handled: int = 0
    parked: int = 0
    retried: int = 0
    lost: int = 0
    failures: int = 0
    lag: int = 0
