"""How a loop paces itself, and what it counts."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.metrics import Figure, Living

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


LOOPS = Living(
    "group",
    Figure("qyzmet_events_waiting", "Events a group has not brought to their end yet."),
    Figure("qyzmet_events_parked", "Events that a group could not handle, and those behind them."),
    Figure("qyzmet_events_handled_total", "Events a group handled."),
    Figure("qyzmet_events_retried_total", "Attempts that failed for reasons that may pass."),
    Figure("qyzmet_rounds_failed_total", "Rounds of a group that broke off, to begin anew."),
    Figure("qyzmet_bus_answered_timestamp_seconds", "When a group last heard from its bus."),
)


@dataclass(slots=True)
class LoopCounts:
    """What a loop did since it started; only the loop writes, metrics read."""

    handled: int = 0
    parked: int = 0
    retried: int = 0
    lost: int = 0
    failures: int = 0
    lag: int = 0
    in_hand: int = 0
    """Records of the batch that is not committed yet."""
    held: int = 0
    """Records that are parked now."""
    answered: float = 0.0
    """When the bus last answered, in Unix seconds."""

    def tell(self) -> Mapping[str, float]:
        """Return the figures of LOOPS."""
        return {
            "qyzmet_events_waiting": self.lag + self.in_hand,
            "qyzmet_events_parked": self.held,
            "qyzmet_events_handled_total": self.handled,
            "qyzmet_events_retried_total": self.retried,
            "qyzmet_rounds_failed_total": self.failures,
            "qyzmet_bus_answered_timestamp_seconds": self.answered,
        }
