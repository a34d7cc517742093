"""What analysts' answers are added up from: counters and histograms by day and by month.

A case adds to a few rows: one for all cases, and one for each dimension, with its own value. What
changes of a case is taken off and added anew, so that no answer ever reads a case, and all whole
numbers, so that whoever counts again from the events gets the same. The rows of a month are those
of its days added up, so that a year is read as months.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from math import log2
from operator import add
from typing import Any

from services.audit.domain.facts import UNKNOWN, CaseFacts, Verdict
from services.audit.domain.spans import month_of
from services.chassis.story import Actor, Outcome

MINUTE = 60
MILLION = 10**6
SCORES = 20
SHARES = 20
TIMES_PER_DOUBLING = 4
LENGTHS_PER_DOUBLING = 2


class Dimension(StrEnum):
    """What answers are told by; a day is told by the period."""

    NONE = ""
    DAY = "day"
    LANGUAGE = "language"
    REGION = "region"
    SERVICE = "service"
    AGENCY = "agency"
    MODEL = "model"


OFFICE = "office"
"""The dimension that agencies are added up from."""


class Histogram(StrEnum):
    """What is counted in bins."""

    ANSWER = "answer"
    COMPLETION = "completion"
    SCORE = "score"
    RELIABILITY = "reliability"
    LENGTH = "length"
    UNKNOWN = "unknown"


# Plain texts, as a database's driver takes them: told a million times, and so not each time anew.
LANGUAGE, REGION, SERVICE, MODEL = (
    one.value for one in (Dimension.LANGUAGE, Dimension.REGION, Dimension.SERVICE, Dimension.MODEL)
)

Place = tuple[str, str, str]
"""Dimension, its value, and the day or month."""
Bin = tuple[str, str, str, str, int]
"""Histogram, dimension, its value, the day or month, and the number of the bin."""
Vector = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QualityCounts:
    """How many cases a model decided first, and what became of them."""

    decided_count: int = 0
    routed_count: int = 0
    asked_count: int = 0
    triaged_count: int = 0
    out_of_scope_count: int = 0
    asked_judged_count: int = 0
    confirmed_count: int = 0
    routed_judged_count: int = 0
    misrouted_count: int = 0
    reviewed_count: int = 0
    overridden_count: int = 0
    judged_count: int = 0
    right_count: int = 0
    objected_count: int = 0
    sampled_count: int = 0
    sampled_judged_count: int = 0
    sampled_right_count: int = 0


@dataclass(frozen=True, slots=True)
class HandlingCounts:
    """How many cases offices had, how long they took, and what citizens thought."""

    case_count: int = 0
    answered_count: int = 0
    answer_minutes: int = 0
    answer_minutes_squared: int = 0
    completed_count: int = 0
    complete_minutes: int = 0
    complete_minutes_squared: int = 0
    late_count: int = 0
    objected_count: int = 0
    reopened_count: int = 0
    rated_count: int = 0
    stars: int = 0


@dataclass(frozen=True, slots=True)
class BinCounts:
    """How many cases are in a bin; of those judged, how many were right, and their scores."""

    case_count: int = 0
    right_count: int = 0
    score_millionths: int = 0


QUALITY = tuple(one.name for one in fields(QualityCounts))
HANDLING = tuple(one.name for one in fields(HandlingCounts))


@dataclass(slots=True)
class Changes:
    """What a batch changes in the counters."""

    quality: dict[Place, list[int]] = field(default_factory=dict)
    handling: dict[Place, list[int]] = field(default_factory=dict)
    bins: dict[Bin, list[int]] = field(default_factory=dict)

    def move(self, before: CaseFacts | None, after: CaseFacts | None) -> None:
        """Take a case off where it was and add it anew, where that makes a difference."""
        places: Sequence[dict[Any, list[int]]] = (self.quality, self.handling, self.bins)
        parts: Sequence[Sequence[Mapping[Any, Vector]]] = (_parts(before), _parts(after))
        for into, old, new in zip(places, *parts, strict=True):
            if old != new:
                _add(into, old, -1)
                _add(into, new, 1)

    def add_months(self) -> None:
        """Add up the months of all days that were told."""
        for into, place in ((self.quality, 2), (self.handling, 2), (self.bins, 3)):
            _add_months(into, place)


def changes(before: Mapping[str, CaseFacts], after: Mapping[str, CaseFacts | None]) -> Changes:
    """Return what changes in the counters when cases change."""
    told = Changes()
    for case_id, facts in after.items():
        told.move(before.get(case_id), facts)
    told.add_months()
    return told


def minutes_bin(seconds: int) -> int:
    """Return the bin of a time: four for each doubling."""
    return int(TIMES_PER_DOUBLING * log2(1 + seconds // MINUTE))


def minutes_of_bin(number: int) -> float:
    """Return the time at which a bin begins, in minutes."""
    return float(2 ** (number / TIMES_PER_DOUBLING) - 1)


def length_bin(length: int) -> int:
    """Return the bin of a text's length: two for each doubling."""
    return int(LENGTHS_PER_DOUBLING * log2(1 + length))


def share_bin(value: float, count: int) -> int:
    """Return the bin of a number between 0 and 1."""
    return min(count - 1, int(value * count))


def quality_of(facts: CaseFacts) -> Vector:
    """Return what a case adds to the quality; fields as in QualityCounts."""
    is_routed = facts.outcome == Outcome.ROUTE
    is_asked = facts.outcome == Outcome.CONFIRM
    is_judged = bool(facts.verdict)
    is_wrong = facts.verdict == Verdict.WRONG
    is_reviewed = facts.judge in (Actor.CITIZEN, Actor.TRIAGE_OFFICER)
    by_citizen = facts.judge == Actor.CITIZEN
    by_office = facts.judge == Actor.OFFICER
    is_answered = facts.is_sampled and facts.judge == Actor.TRIAGE_OFFICER
    return (
        1,
        int(is_routed),
        int(is_asked),
        int(facts.outcome == Outcome.TRIAGE),
        int(facts.outcome == Outcome.OUT_OF_SCOPE),
        int(is_asked and by_citizen),
        int(is_asked and by_citizen and not is_wrong),
        int(is_routed and is_judged),
        int(is_routed and by_office and is_wrong),
        int(is_reviewed),
        int(is_reviewed and is_wrong),
        int(is_judged),
        int(is_judged and not is_wrong),
        int(facts.is_objected),
        int(facts.is_sampled),
        int(is_answered),
        int(is_answered and not is_wrong),
    )


def handling_of(facts: CaseFacts) -> Vector:
    """Return what a case adds to how offices handle cases; fields as in HandlingCounts."""
    answered, completed = facts.answer_seconds >= 0, facts.complete_seconds >= 0
    answer = facts.answer_seconds // MINUTE if answered else 0
    complete = facts.complete_seconds // MINUTE if completed else 0
    return (
        1,
        int(answered),
        answer,
        answer * answer,
        int(completed),
        complete,
        complete * complete,
        int(facts.is_late),
        int(facts.is_objected),
        int(facts.is_reopened),
        int(facts.stars > 0),
        facts.stars,
    )


def _add(into: dict[Any, list[int]], parts: Mapping[Any, Vector], sign: int) -> None:
    for place, counts in parts.items():
        kept = into.get(place)
        if kept is None:
            into[place] = [sign * one for one in counts]
        else:
            for position, one in enumerate(counts):
                kept[position] += sign * one


def _add_months(into: dict[Any, list[int]], place: int) -> None:
    """Add the months of days, which stand at a place of the keys."""
    months: dict[Any, list[int]] = {}
    for key, counts in into.items():
        month = (*key[:place], month_of(key[place]), *key[place + 1 :])
        kept = months.get(month)
        months[month] = counts if kept is None else list(map(add, kept, counts))
    into.update(months)


Parts = tuple[Mapping[Place, Vector], Mapping[Place, Vector], Mapping[Bin, Vector]]
Told = tuple[tuple[str, str], ...]
"""Dimensions and their values."""


def _parts(facts: CaseFacts | None) -> Parts:
    """Return every row a case is counted in, and what it adds there."""
    if facts is None:
        return {}, {}, {}
    common = (("", ""), (LANGUAGE, facts.language), (REGION, facts.region))
    quality: Mapping[Place, Vector] = {}
    handling: Mapping[Place, Vector] = {}
    if facts.model:
        own: Told = ((MODEL, facts.model), (SERVICE, facts.guess))
        quality = dict.fromkeys(_places(facts.day, *common, *own), quality_of(facts))
    if facts.service_id:
        own = ((OFFICE, facts.office), (SERVICE, facts.service_id))
        handling = dict.fromkeys(_places(facts.day, *common, *own), handling_of(facts))
    return quality, handling, dict(_bins(facts, common))


def _places(day: str, *told: tuple[str, str]) -> Iterator[Place]:
    return ((dimension, value, day) for dimension, value in told)


def _bins(facts: CaseFacts, common: Told) -> Iterator[tuple[Bin, Vector]]:
    if facts.service_id:
        office = (*common, (OFFICE, facts.office))
        if facts.answer_seconds >= 0:
            number = minutes_bin(facts.answer_seconds)
            yield from _told(facts.day, Histogram.ANSWER, number, office)
        if facts.complete_seconds >= 0:
            number = minutes_bin(facts.complete_seconds)
            yield from _told(facts.day, Histogram.COMPLETION, number, office)
    if not facts.model:
        return
    score = share_bin(facts.score, SCORES)
    yield from _told(facts.day, Histogram.SCORE, score, common[:2])
    if facts.text_length != UNKNOWN:
        length = length_bin(facts.text_length)
        yield from _told(facts.day, Histogram.LENGTH, length, common[:2])
        unknown = share_bin(facts.unknown_share, SHARES)
        yield from _told(facts.day, Histogram.UNKNOWN, unknown, common[:2])
    if facts.verdict:
        right = int(facts.verdict == Verdict.RIGHT)
        judged = (1, right, round(facts.score * MILLION))
        told = (*common[:2], (MODEL, facts.model))
        yield from _told(facts.day, Histogram.RELIABILITY, score, told, judged)


def _told(
    day: str,
    kind: Histogram,
    number: int,
    places: Told,
    counts: Vector = (1, 0, 0),
) -> Iterator[tuple[Bin, Vector]]:
    name = kind.value
    for dimension, value in places:
        yield (name, dimension, value, day, number), counts
