"""How well the model does: what it first said about each case, and what people made of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.audit.domain.counts import MILLION, SCORES, BinCounts, QualityCounts
from services.audit.domain.demand import Period
from services.audit.domain.measures import Share

Bins = Mapping[int, BinCounts]


@dataclass(frozen=True, slots=True)
class QualityRow:
    """The shares of one group; fields as in audit.proto."""

    key: str
    counts: QualityCounts

    @property
    def decided_count(self) -> int:
        """Return how many cases the model decided first."""
        return self.counts.decided_count

    @property
    def auto_routed(self) -> Share:
        """Return what was routed without asking anybody."""
        return Share(self.counts.routed_count, self.counts.decided_count)

    @property
    def asked(self) -> Share:
        """Return where the citizen was asked."""
        return Share(self.counts.asked_count, self.counts.decided_count)

    @property
    def triaged(self) -> Share:
        """Return what went to a triage officer."""
        return Share(self.counts.triaged_count, self.counts.decided_count)

    @property
    def out_of_scope(self) -> Share:
        """Return what no service is for."""
        return Share(self.counts.out_of_scope_count, self.counts.decided_count)

    @property
    def confirmed(self) -> Share:
        """Return where the citizen, once they chose, took the model's best."""
        return Share(self.counts.confirmed_count, self.counts.asked_judged_count)

    @property
    def misrouted(self) -> Share:
        """Return what was routed and came back as not for that office."""
        return Share(self.counts.misrouted_count, self.counts.routed_count)

    @property
    def overridden(self) -> Share:
        """Return where the person who looked at it chose otherwise."""
        return Share(self.counts.overridden_count, self.counts.reviewed_count)

    @property
    def objected(self) -> Share:
        """Return where the citizen objected."""
        return Share(self.counts.objected_count, self.counts.decided_count)

    @property
    def accuracy(self) -> Share:
        """Return where the model was right, of what was judged."""
        return Share(self.counts.right_count, self.counts.judged_count)

    @property
    def sampled(self) -> Share:
        """Return what was drawn at random, of what would have been routed without asking."""
        sure = self.counts.routed_count + self.counts.sampled_count
        return Share(self.counts.sampled_count, sure)

    @property
    def sample_accuracy(self) -> Share:
        """Return where the model was right, of the sample that triage officers decided on."""
        return Share(self.counts.sampled_right_count, self.counts.sampled_judged_count)


@dataclass(frozen=True, slots=True)
class Reliability:
    """What the model said of its own certainty, and how often it was right; one bin."""

    key: str
    low: float
    counts: BinCounts

    @property
    def high(self) -> float:
        """Return where the bin ends."""
        return self.low + 1 / SCORES

    @property
    def mean_score(self) -> float:
        """Return what the model said on average."""
        return self.counts.score_millionths / MILLION / self.counts.case_count

    @property
    def accuracy(self) -> Share:
        """Return how often it was right."""
        return Share(self.counts.right_count, self.counts.case_count)


@dataclass(frozen=True, slots=True)
class Quality:
    """How well the model does, by group and in all."""

    period: Period
    rows: Sequence[QualityRow]
    total: QualityRow
    reliability: Sequence[Reliability]

    @property
    def calibration_error(self) -> float:
        """Return by how much certainty and truth differ on average, over all that was judged."""
        mine = [one for one in self.reliability if not one.key]
        judged = sum(one.counts.case_count for one in mine)
        gaps = (abs(one.mean_score - one.accuracy.value) * one.counts.case_count for one in mine)
        return sum(gaps) / judged if judged else 0.0


def quality(
    period: Period,
    found: Mapping[str, QualityCounts],
    total: QualityCounts,
    bins: Mapping[str, Bins],
) -> Quality:
    """Tell the quality by group, most cases first."""
    rows = [QualityRow(key, counts) for key, counts in found.items() if counts.decided_count]
    rows.sort(key=lambda row: (-row.decided_count, row.key))
    return Quality(period, rows, QualityRow("", total), reliability(bins))


def reliability(bins: Mapping[str, Bins]) -> Sequence[Reliability]:
    """Return the bins that hold cases, in order."""
    return [
        Reliability(key, number / SCORES, counts)
        for key, told in sorted(bins.items())
        for number, counts in sorted(told.items())
        if counts.case_count
    ]
