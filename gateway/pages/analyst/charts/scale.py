"""From values to places in a picture, with ticks at round values between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
ENOUGH = 1e-9
"""Of a step; closer than that, values are the same."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight way from values to places."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a value; what lies outside is put at the edge."""
        inside = min(max(value, self.low), self.high)
        return self.begin + (inside - self.low) / (self.high - self.low) * (self.end - self.begin)


def ticks(low: float, high: float, most: int = 5) -> Sequence[float]:
    """Return round values that reach from below `low` to above `high`, at most so many steps."""
    if high - low < ENOUGH:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    for step in (power * one for one in (*STEPS, 20.0)):
        first, last = floor(low / step + ENOUGH), ceil(high / step - ENOUGH)
        if last - first <= most:
            return [round(number * step, 12) for number in range(first, last + 1)]
    raise AssertionError("twenty times the power of ten is always enough")


def share_ticks(values: Iterable[float], *, whole: bool = False) -> Sequence[float]:
    """Return ticks for shares: never below nothing nor above all."""
    told = [0.0, 1.0] if whole else list(values) or [0.0, 1.0]
    low, high = min(told), max(told)
    if high - low < 0.05:
        low, high = max(0.0, low - 0.05), min(1.0, high + 0.05)
    return [one for one in ticks(low, high) if -ENOUGH <= one <= 1 + ENOUGH]
