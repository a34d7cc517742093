"""Counters by service under the ids of today: renamed or merged, a service keeps what it had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.audit.domain.counts import (
    BinCounts,
    Dimension,
    HandlingCounts,
    Histogram,
    QualityCounts,
)
from services.audit.domain.coverage import Noted
from services.audit.domain.demand import Period
from services.audit.domain.fairness import Counts, added
from services.audit.domain.forecast import DayShare
from services.audit.ports import Counted, Registers


@dataclass(frozen=True, slots=True)
class CountedToday:
    """The counters of cases, as the register in force names services."""

    counted: Counted
    registers: Registers

    def quality(self, days: Period, by: str) -> Mapping[str, QualityCounts]:
        """Return how well the model did, by the values of a dimension."""
        return self._today(self.counted.quality(days, by), by, QualityCounts)

    def handling(self, days: Period, by: str) -> Mapping[str, HandlingCounts]:
        """Return how offices handled cases, by the values of a dimension."""
        return self._today(self.counted.handling(days, by), by, HandlingCounts)

    def bins(self, kind: Histogram, days: Period, by: str) -> Mapping[str, Mapping[int, BinCounts]]:
        """Return a histogram, by the values of a dimension; none is kept by service."""
        return self.counted.bins(kind, days, by)

    def register_days(self, days: Period) -> Sequence[DayShare]:
        """Return how many services were online on each day it was noted."""
        return self.counted.register_days(days)

    def notes(self, days: Period) -> Sequence[Noted]:
        """Return which register was noted on each day, in their order."""
        return self.counted.notes(days)

    def noted(self, day: date) -> Noted | None:
        """Return which register was in force on a day, or the first that was noted at all."""
        return self.counted.noted(day)

    def _today(
        self, found: Mapping[str, Counts], by: str, kind: type[Counts]
    ) -> Mapping[str, Counts]:
        if by != Dimension.SERVICE:
            return found
        register = self.registers.latest()
        told: dict[str, list[Counts]] = {}
        for service_id, counts in found.items():
            told.setdefault(register.today(service_id), []).append(counts)
        return {service_id: added(several, kind) for service_id, several in told.items()}
