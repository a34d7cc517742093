"""Topics: what cases that went to a person are about, told by words that many of them share.

No citizen's words are told: a word is an example only where so many people used it that it names
none of them, and a topic of fewer people is not told at all.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log

from services.chassis.errors import InvalidError
from services.chassis.workdays import begin_of, day_from, end_of

USUAL_DAYS = 7
MOST_DAYS = 92
REFERENCE_DAYS = 30
MOST_WORDS = 8
MOST_SERVICES = 3
SMALL = 30
"""Of fewer cases than these a share says little."""
STEM_LETTERS = 5
"""Forms of a word that begin with the same letters are told as one (Can et al. 2008)."""
NEW_TIMES = 3
"""A topic is new that has so many times the share it had before, or more."""
DOUBT = 10.0
"""How many cases without a word are imagined beside the others: a word of few proves little."""
MORE_OFTEN = 2
"""So many times as often as elsewhere a word stands in a topic that it tells of."""
WORD = re.compile(r"\[[a-z]+\]|([^\W\d_]{3,})")
"""Words of three letters and more; what was masked is none."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days from the first to the last, in Kazakhstan."""

    first: date
    last: date

    @property
    def begin(self) -> datetime:
        """Return when they begin."""
        return begin_of(self.first)

    @property
    def end(self) -> datetime:
        """Return when they are over."""
        return end_of(self.last)

    @property
    def before(self) -> "Days":
        """Return the thirty days before them, with which they are compared."""
        last = self.first - timedelta(1)
        return Days(last - timedelta(REFERENCE_DAYS - 1), last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triaged:
    """A case that went to a person, and what is known of it."""

    case_id: str
    person: str
    """Who brought it, where that is known; else the case stands for a person of its own."""
    language: str
    service_id: str
    """What a model thought best; empty where none did."""


@dataclass(frozen=True, slots=True)
class Told:
    """Masked words of a case, and the topic they were put in."""

    case: Triaged
    text: str
    topic: int
    is_before: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic; fields as in cases.proto."""

    words: Sequence[str]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """All topics of some days, largest first."""

    days: Days
    case_count: int
    reference_case_count: int
    is_cut: bool
    """Whether there were more cases than were looked at."""
    least_people: int
    topics: Sequence[Topic]

    @property
    def start_date(self) -> str:
        """Return the first day."""
        return self.days.first.isoformat()

    @property
    def end_date(self) -> str:
        """Return the last day."""
        return self.days.last.isoformat()

    @property
    def reference_start_date(self) -> str:
        """Return the first day they are compared with."""
        return self.days.before.first.isoformat()

    @property
    def reference_end_date(self) -> str:
        """Return the last day they are compared with."""
        return self.days.before.last.isoformat()


def days_from(start: str, end: str, today: date) -> Days:
    """Return the days asked for; by themselves the last seven up to today."""
    last = day_from(end, "end_date") if end else today
    first = day_from(start, "start_date") if start else last - timedelta(USUAL_DAYS - 1)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidError(f"1 to {MOST_DAYS} days, the first before the last", field="start_date")
    return Days(first, last)


def words_of(text: str) -> Iterable[str]:
    """Return the words of a masked text, small letters all."""
    return (found.group(1) for found in WORD.finditer(text.casefold()) if found.group(1))


def stem_of(word: str) -> str:
    """Return what forms of a word have in common."""
    return word[:STEM_LETTERS]


def topics(told: Sequence[Told], days: Days, *, least_people: int, is_cut: bool) -> Topics:
    """Tell the topics of at least so many people, by words each of as many."""
    now = sum(not one.is_before for one in told)
    groups: dict[int, list[Told]] = defaultdict(list)
    for one in told:
        groups[one.topic].append(one)
    everywhere = _stems(told)
    found = [
        _topic(group, everywhere, len(told), (now, len(told) - now), least_people)
        for group in groups.values()
        if len({one.case.person for one in group}) >= least_people
    ]
    found.sort(key=lambda topic: (-topic.case_count, -topic.reference_case_count, topic.words))
    return Topics(
        days=days,
        case_count=now,
        reference_case_count=len(told) - now,
        is_cut=is_cut,
        least_people=least_people,
        topics=found,
    )


def _topic(
    group: Sequence[Told],
    everywhere: Mapping[str, int],
    whole: int,
    wholes: tuple[int, int],
    least_people: int,
) -> Topic:
    now, before = wholes
    count = sum(not one.is_before for one in group)
    earlier = len(group) - count
    languages = Counter(one.case.language for one in group if not one.is_before)
    services = Counter(one.case.service_id for one in group if one.case.service_id)
    words = _examples(group, everywhere, whole, least_people)
    return Topic(
        words=words,
        case_count=count,
        case_share=count / now if now else 0.0,
        reference_case_count=earlier,
        reference_case_share=earlier / before if before else 0.0,
        is_small=len(group) < SMALL,
        service_ids=[service for service, _ in services.most_common(MOST_SERVICES)],
        kk_count=languages["kk"],
        ru_count=languages["ru"],
        en_count=languages["en"],
        mixed_count=languages["mixed"],
        is_new=bool(words) and _is_new((count, earlier), wholes),
    )


def _is_new(counts: tuple[int, int], wholes: tuple[int, int]) -> bool:
    """Tell whether a share grew so much, of so many cases, that chance is no good reason for it.

    One case more is imagined before, so that a topic nobody knew needs a share, too.
    """
    (count, earlier), (now, before) = counts, wholes
    if count < SMALL or before < SMALL:
        return False
    return count / now >= NEW_TIMES * (earlier + 1) / (before + 1)


def _examples(
    group: Sequence[Told], everywhere: Mapping[str, int], whole: int, least_people: int
) -> Sequence[str]:
    """Return the words that tell a topic from all others, each used by enough people in it."""
    people: dict[str, set[str]] = defaultdict(set)
    for one in group:
        for word in words_of(one.text):
            people[word].add(one.case.person)
    stems, others = _stems(group), whole - len(group)
    forms: dict[str, str] = {}
    for word in sorted(people, key=lambda word: (-len(people[word]), word)):
        if len(people[word]) >= least_people:
            forms.setdefault(stem_of(word), word)

    def tells(stem: str) -> float:
        here, elsewhere = stems[stem] / len(group), everywhere[stem] - stems[stem]
        if others and here < MORE_OFTEN * elsewhere / others:
            return 0.0
        return here * log(here / ((elsewhere + 0.5) / (others + DOUBT)))

    ranked = sorted(forms, key=lambda stem: (-tells(stem), stem))
    return [forms[stem] for stem in ranked if tells(stem) > 0][:MOST_WORDS]


def _stems(told: Sequence[Told]) -> Mapping[str, int]:
    """Count in how many cases each word stands, in any form."""
    return Counter(stem for one in told for stem in {stem_of(word) for word in words_of(one.text)})
