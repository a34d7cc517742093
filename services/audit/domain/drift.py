"""Whether what citizens write, or what the model makes of it, is other than it was.

Two periods are compared in the same bins: by the population stability index for how much, and by a
test for whether it may be chance, corrected for how many are made (Holm). In bins the statistic of
Kolmogorov and Smirnov can only be smaller than it is, so that no alarm is given too many.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log, sqrt

from services.audit.domain.demand import Period
from services.audit.domain.handling import CountBins
from services.audit.domain.measures import SMALL, holm

ALARM_INDEX = 0.2
"""From here on a population is held to have changed much; below 0.1, little."""
ALARM_P = 0.01
HALF = 0.5
"""Added to every bin, lest an empty one make the index endless."""


@dataclass(frozen=True, slots=True)
class Samples:
    """How cases lie in bins, in the period that is compared with and in the one that is."""

    measure: str
    before: CountBins
    now: CountBins
    is_ordered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRow:
    """How one measure changed; fields as in audit.proto."""

    measure: str
    reference_case_count: int
    case_count: int
    stability_index: float
    statistic: float
    p_value: float
    adjusted_p_value: float

    @property
    def is_small(self) -> bool:
        """Tell whether there are too few cases to say much."""
        return min(self.reference_case_count, self.case_count) < SMALL

    @property
    def is_alarm(self) -> bool:
        """Tell whether somebody should look: much is other than it was, and not by chance."""
        is_much = self.stability_index >= ALARM_INDEX and not self.is_small
        return is_much and self.adjusted_p_value < ALARM_P


@dataclass(frozen=True, slots=True)
class DriftAlarm:
    """What somebody should look at; fields as in audit.proto."""

    language: str
    period: Period
    reference: Period
    row: DriftRow

    @property
    def id(self) -> str:
        """Name the alarm: one a measure, language and last day."""
        return f"drift:{self.row.measure}:{self.language or 'all'}:{self.period.end}"

    @property
    def end_date(self) -> str:
        """Return the last day that was compared."""
        return self.period.end.isoformat()

    @property
    def start_date(self) -> str:
        """Return the first day that was compared."""
        return self.period.start.isoformat()

    @property
    def reference_start_date(self) -> str:
        """Return the first day it was compared with."""
        return self.reference.start.isoformat()

    @property
    def reference_end_date(self) -> str:
        """Return the last day it was compared with."""
        return self.reference.end.isoformat()


@dataclass(frozen=True, slots=True)
class Drift:
    """How all measures changed between two periods."""

    reference: Period
    period: Period
    rows: Sequence[DriftRow]


def drift(reference: Period, period: Period, samples: Sequence[Samples]) -> Drift:
    """Compare two periods."""
    tested = [_test(one) for one in samples]
    adjusted = holm([p_value for _, p_value in tested])
    rows = [
        DriftRow(
            measure=one.measure,
            reference_case_count=sum(one.before.values()),
            case_count=sum(one.now.values()),
            stability_index=stability_index(one.before, one.now),
            statistic=statistic,
            p_value=p_value,
            adjusted_p_value=corrected,
        )
        for one, (statistic, p_value), corrected in zip(samples, tested, adjusted, strict=True)
    ]
    return Drift(reference, period, rows)


def together(told: Sequence[Drift]) -> Sequence[Drift]:
    """Return comparisons that are made at once, corrected for all the tests of all of them."""
    tested = [row.p_value for one in told for row in one.rows]
    adjusted = iter(holm(tested))
    return [
        replace(one, rows=[replace(row, adjusted_p_value=next(adjusted)) for row in one.rows])
        for one in told
    ]


def stability_index(before: CountBins, now: CountBins) -> float:
    """Return the population stability index; 0 where there is nothing to compare."""
    if not sum(before.values()) or not sum(now.values()):
        return 0.0
    bins = sorted({*before, *now})
    old, new = _shares(before, bins), _shares(now, bins)
    return sum((b - a) * log(b / a) for a, b in zip(old, new, strict=True))


def _shares(told: CountBins, bins: Sequence[int]) -> Sequence[float]:
    whole = sum(told.values()) + HALF * len(bins)
    return [(told.get(number, 0) + HALF) / whole for number in bins]


def _test(one: Samples) -> tuple[float, float]:
    """Return a statistic and how likely chance alone brings it."""
    if not sum(one.before.values()) or not sum(one.now.values()):
        return 0.0, 1.0
    return _smirnov(one.before, one.now) if one.is_ordered else _chi_squared(one.before, one.now)


def _smirnov(before: CountBins, now: CountBins) -> tuple[float, float]:
    """Compare two samples by the largest distance of their distributions."""
    # Loaded by the first comparison: what no start should take, nor who has nothing to compare.
    from scipy.special import kolmogorov

    old, new = sum(before.values()), sum(now.values())
    distance = summed_old = summed_new = 0.0
    for number in sorted({*before, *now}):
        summed_old += before.get(number, 0) / old
        summed_new += now.get(number, 0) / new
        distance = max(distance, abs(summed_old - summed_new))
    return distance, float(kolmogorov(distance * sqrt(old * new / (old + new))))


def _chi_squared(before: CountBins, now: CountBins) -> tuple[float, float]:
    """Compare two samples of kinds that have no order."""
    from scipy.special import chdtrc  # alone: scipy.stats holds 48 MiB more

    kinds = [kind for kind in {*before, *now} if before.get(kind, 0) + now.get(kind, 0)]
    old, new = sum(before.values()), sum(now.values())
    statistic = 0.0
    for kind in kinds:
        found = (before.get(kind, 0), now.get(kind, 0))
        for count, whole in zip(found, (old, new), strict=True):
            expected = sum(found) * whole / (old + new)
            statistic += (count - expected) ** 2 / expected
    return statistic, float(chdtrc(max(1, len(kinds) - 1), statistic))
