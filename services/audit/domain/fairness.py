"""Whether people of one language or region are served worse than all others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

from services.audit.domain.counts import HandlingCounts, QualityCounts
from services.audit.domain.demand import Period
from services.audit.domain.handling import NO_BINS, CountBins, TimesRow
from services.audit.domain.measures import Gap, Hours, Share, gap_of_hours, gap_of_shares
from services.audit.domain.quality import QualityRow

Counts = TypeVar("Counts", QualityCounts, HandlingCounts)


@dataclass(frozen=True, slots=True)
class FairnessRow:
    """One group beside all others; fields as in audit.proto."""

    key: str
    quality: QualityRow
    others_quality: QualityRow
    times: TimesRow
    others_times: TimesRow

    @property
    def case_count(self) -> int:
        """Return how many cases a model decided first."""
        return self.quality.decided_count

    @property
    def accuracy(self) -> Share:
        """Return where the model was right, of what was judged."""
        return self.quality.accuracy

    @property
    def abstention(self) -> Share:
        """Return where the model left the choice to a person."""
        return abstention(self.quality)

    @property
    def misrouted(self) -> Share:
        """Return what came back from an office."""
        return self.quality.misrouted

    @property
    def waiting(self) -> Hours:
        """Return how long the first answer took."""
        return self.times.first_answer

    @property
    def accuracy_gap(self) -> Gap:
        """Return by how much the model is more often right than for others."""
        return gap_of_shares(self.accuracy, self.others_quality.accuracy)

    @property
    def abstention_gap(self) -> Gap:
        """Return by how much more often it leaves the choice to a person."""
        return gap_of_shares(self.abstention, abstention(self.others_quality))

    @property
    def misrouted_gap(self) -> Gap:
        """Return by how much more often a case goes astray."""
        return gap_of_shares(self.misrouted, self.others_quality.misrouted)

    @property
    def waiting_gap(self) -> Gap:
        """Return by how many hours the first answer takes longer."""
        return gap_of_hours(self.waiting, self.others_times.first_answer)


@dataclass(frozen=True, slots=True)
class Fairness:
    """Every group beside all others."""

    period: Period
    rows: Sequence[FairnessRow]


def abstention(row: QualityRow) -> Share:
    """Return where the model left the choice to the citizen or to an officer."""
    counts = row.counts
    return Share(counts.asked_count + counts.triaged_count, counts.decided_count)


def fairness(
    period: Period,
    qualities: Mapping[str, QualityCounts],
    handlings: Mapping[str, HandlingCounts],
    answers: Mapping[str, CountBins],
) -> Fairness:
    """Hold each group against all others, most cases first."""
    quality_all = added(qualities.values(), QualityCounts)
    handling_all = added(handlings.values(), HandlingCounts)
    rows = []
    for key, counts in qualities.items():
        if not counts.decided_count:
            continue
        handled = handlings.get(key, HandlingCounts())
        rest = added([handling_all, _negative(handled)], HandlingCounts)
        rows.append(
            FairnessRow(
                key,
                QualityRow(key, counts),
                QualityRow("", added([quality_all, _negative(counts)], QualityCounts)),
                TimesRow(key, handled, answers.get(key, NO_BINS), NO_BINS),
                TimesRow("", rest, NO_BINS, NO_BINS),
            )
        )
    return Fairness(period, sorted(rows, key=lambda row: (-row.case_count, row.key)))


def added(several: Iterable[Counts], kind: type[Counts]) -> Counts:
    """Return counters added up."""
    names = [one.name for one in fields(kind)]
    told = list(several)
    return kind(*(sum(getattr(one, name) for one in told) for name in names))


def _negative(counts: Counts) -> Counts:
    return type(counts)(*(-getattr(counts, one.name) for one in fields(counts)))
