"""Topics of cases that went to a person: which are new, and told of once while they last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.audit.domain.demand import Period

DAYS = 7
REMEMBERED = timedelta(37)
"""Within the days and the thirty before them a topic may be taken for new more than once."""
STEM_LETTERS = 5
"""Forms of a word begin with the same letters; which form is told may change from day to day."""
ALIKE = 0.5
"""Topics that share so large a part of the words of the smaller one are the same."""

Words = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic; fields as in cases.proto."""

    words: Words
    case_count: int
    case_share: float
    reference_case_count: int
    reference_case_share: float
    is_small: bool
    service_ids: Sequence[str]
    kk_count: int
    ru_count: int
    en_count: int
    mixed_count: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class TopicAlarm:
    """A new topic that somebody should look at; fields as in audit.proto."""

    period: Period
    number: int
    topic: Topic

    @property
    def id(self) -> str:
        """Name the alarm: by the last day of its cases, and its place among those of that day."""
        return f"topic:{self.end_date}:{self.number}"

    @property
    def start_date(self) -> str:
        """Return the first day of the cases."""
        return self.period.start.isoformat()

    @property
    def end_date(self) -> str:
        """Return the last day of the cases."""
        return self.period.end.isoformat()


@dataclass(frozen=True, slots=True)
class Look:
    """What was found to be new when somebody looked, whether it was told of before or not."""

    period: Period
    topics: Sequence[Topic]

    def alarms(self, known: Iterable[Words]) -> Sequence[TopicAlarm]:
        """Return alarms for what is like nothing that was found lately."""
        told = [_stems(words) for words in known]
        new = [one for one in self.topics if not any(_are_alike(one.words, old) for old in told)]
        return [TopicAlarm(self.period, number, one) for number, one in enumerate(new, 1)]


def _are_alike(words: Words, known: set[str]) -> bool:
    mine = _stems(words)
    return len(mine & known) >= ALIKE * min(len(mine), len(known))


def _stems(words: Words) -> set[str]:
    return {word[:STEM_LETTERS] for word in words}
