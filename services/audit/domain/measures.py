"""Shares, times and gaps between them, each with what it is of and how sure it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from services.audit.domain.counts import minutes_of_bin

Z = 1.959963984540054
"""The quantile of the normal distribution for intervals of 95 %."""
SMALL = 30
"""Of fewer cases than these a figure says little."""
HOUR = 60


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, with Wilson's score interval of 95 % (1927)."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """Return the share; 0 of nothing is 0."""
        return self.count / self.of if self.of else 0.0

    @property
    def low(self) -> float:
        """Return the lower end; of nothing anything may be true."""
        return max(0.0, self._middle() - self._half()) if self.count else 0.0

    @property
    def high(self) -> float:
        """Return the upper end."""
        return min(1.0, self._middle() + self._half()) if self.count < self.of else 1.0

    @property
    def is_small(self) -> bool:
        """Tell whether the whole is too small to say much."""
        return self.of < SMALL

    def _middle(self) -> float:
        spread = Z * Z / self.of
        return (self.value + spread / 2) / (1 + spread)

    def _half(self) -> float:
        spread = Z * Z / self.of
        return Z * sqrt((self.value * (1 - self.value) + spread / 4) / self.of) / (1 + spread)


@dataclass(frozen=True, slots=True)
class Hours:
    """How long something took, from sums of minutes and from bins."""

    case_count: int
    minutes: int
    minutes_squared: int
    bins: Mapping[int, int]
    """Bins that hold cases; none where the group has no bins."""

    @property
    def mean(self) -> float:
        """Return the mean."""
        return self.minutes / self.case_count / HOUR if self.case_count else 0.0

    @property
    def mean_low(self) -> float:
        """Return the lower end of the interval of the mean."""
        return max(0.0, self.mean - Z * self.error)

    @property
    def mean_high(self) -> float:
        """Return the upper end."""
        return self.mean + Z * self.error

    @property
    def error(self) -> float:
        """Return the standard error of the mean; 0 of a single case."""
        if self.case_count < 2:
            return 0.0
        scatter = self.minutes_squared - self.minutes * self.minutes / self.case_count
        return sqrt(max(0.0, scatter) / (self.case_count - 1) / self.case_count) / HOUR

    @property
    def median(self) -> float:
        """Return what half of the cases did not need longer than."""
        return self._quantile(0.5)

    @property
    def ninth_decile(self) -> float:
        """Return what nine of ten cases did not need longer than."""
        return self._quantile(0.9)

    @property
    def is_small(self) -> bool:
        """Tell whether there are too few cases to say much."""
        return self.case_count < SMALL

    def _quantile(self, part: float) -> float:
        """Return a quantile as if cases lay evenly within their bin."""
        left = part * sum(self.bins.values())
        for number, count in sorted(self.bins.items()):
            if count and left <= count:
                begin, end = minutes_of_bin(number), minutes_of_bin(number + 1)
                return (begin + (end - begin) * left / count) / HOUR
            left -= count
        return 0.0


@dataclass(frozen=True, slots=True)
class Gap:
    """By how much a group lies above all others, with an interval of 95 %."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Tell whether chance alone is no good reason for it."""
        return self.low > 0 or self.high < 0


def gap_of_shares(mine: Share, others: Share) -> Gap:
    """Return the gap of two shares, by Newcombe's interval (1998, method 10)."""
    value = mine.value - others.value
    if not mine.of or not others.of:
        return Gap(value, -1.0, 1.0)
    below = sqrt((mine.value - mine.low) ** 2 + (others.high - others.value) ** 2)
    above = sqrt((mine.high - mine.value) ** 2 + (others.value - others.low) ** 2)
    return Gap(value, value - below, value + above)


def gap_of_hours(mine: Hours, others: Hours) -> Gap:
    """Return the gap of two means, by the normal approximation."""
    value = mine.mean - others.mean
    half = Z * sqrt(mine.error**2 + others.error**2)
    return Gap(value, value - half, value + half)


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values corrected for how many there are (Holm 1979)."""
    adjusted = [0.0] * len(values)
    for place, value in _growing(values):
        adjusted[place] = value
    return adjusted


def _growing(values: Sequence[float]) -> Iterator[tuple[int, float]]:
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, values[place] * (len(values) - rank)))
        yield place, highest
