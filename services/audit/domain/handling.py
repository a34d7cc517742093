"""How long cases take at their offices, against the legal term, and what citizens think of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.audit.domain.counts import HandlingCounts
from services.audit.domain.demand import Period
from services.audit.domain.measures import Hours, Share

CountBins = Mapping[int, int]
NO_BINS: CountBins = {}
ALL = "*"
"""The key of all groups together among bins."""


@dataclass(frozen=True, slots=True)
class TimesRow:
    """The times of one group; fields as in audit.proto."""

    key: str
    counts: HandlingCounts
    answer_bins: CountBins
    completion_bins: CountBins

    @property
    def case_count(self) -> int:
        """Return how many cases stand with an office or were finished by one."""
        return self.counts.case_count

    @property
    def answered(self) -> Share:
        """Return what an office has answered."""
        return Share(self.counts.answered_count, self.counts.case_count)

    @property
    def completed(self) -> Share:
        """Return what is done."""
        return Share(self.counts.completed_count, self.counts.case_count)

    @property
    def late(self) -> Share:
        """Return what was not done when it was due by law."""
        return Share(self.counts.late_count, self.counts.case_count)

    @property
    def reopened(self) -> Share:
        """Return what citizens had opened again."""
        return Share(self.counts.reopened_count, self.counts.case_count)

    @property
    def objected(self) -> Share:
        """Return what citizens objected to."""
        return Share(self.counts.objected_count, self.counts.case_count)

    @property
    def first_answer(self) -> Hours:
        """Return how long the first answer took."""
        counts = self.counts
        return Hours(
            counts.answered_count,
            counts.answer_minutes,
            counts.answer_minutes_squared,
            self.answer_bins,
        )

    @property
    def completion(self) -> Hours:
        """Return how long it took until cases were done."""
        counts = self.counts
        return Hours(
            counts.completed_count,
            counts.complete_minutes,
            counts.complete_minutes_squared,
            self.completion_bins,
        )

    @property
    def rated_count(self) -> int:
        """Return how many citizens said what they think."""
        return self.counts.rated_count

    @property
    def mean_stars(self) -> float:
        """Return what they think on average; 0 where nobody said."""
        return self.counts.stars / self.counts.rated_count if self.counts.rated_count else 0.0


@dataclass(frozen=True, slots=True)
class Times:
    """The times by group and in all."""

    period: Period
    rows: Sequence[TimesRow]
    total: TimesRow


def times(
    period: Period,
    found: Mapping[str, HandlingCounts],
    total: HandlingCounts,
    answers: Mapping[str, CountBins],
    completions: Mapping[str, CountBins],
) -> Times:
    """Tell the times by group, most cases first; `answers` and `completions` hold "" for all."""
    rows = [
        TimesRow(key, counts, answers.get(key, NO_BINS), completions.get(key, NO_BINS))
        for key, counts in found.items()
        if counts.case_count
    ]
    rows.sort(key=lambda row: (-row.case_count, row.key))
    whole = TimesRow("", total, answers.get(ALL, NO_BINS), completions.get(ALL, NO_BINS))
    return Times(period, rows, whole)
