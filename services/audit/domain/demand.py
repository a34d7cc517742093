"""What citizens ask for, day by day: how much of it online services handle, and what they do not.

Counters stand in cells of a cube. A case is counted in eight of them: with its service, language
and region each told or summed up (`*`), so that a question reads few cells and never a case.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from services.audit.domain.counting import Tally
from services.audit.domain.facts import CaseFacts
from services.chassis.errors import InvalidError
from services.chassis.workdays import day_from

ALL = "*"
MAX_DAYS = 366
USUAL_DAYS = 90

Cell = tuple[str, str, str, str]
"""Region, language, service and day."""


class GroupBy(StrEnum):
    """What the demand is told by, beside the day."""

    NONE = ""
    AGENCY = "agency"
    LIFE_EVENT = "life-event"
    LANGUAGE = "language"
    REGION = "region"


class Interval(StrEnum):
    """How long a time is told as one."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def begin(self, day: str) -> str:
        """Return the first day of the interval that a day lies in; weeks begin on Monday."""
        if self is Interval.DAY:
            return day
        return f"{day[:7]}-01" if self is Interval.MONTH else _monday(day)


@lru_cache(4 * MAX_DAYS)  # a question of many groups asks it of the same days again and again
def _monday(day: str) -> str:
    told = date.fromisoformat(day)
    return date.fromordinal(told.toordinal() - told.weekday()).isoformat()


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last."""

    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which cells to add up; `services` None asks for all, an empty filter for every value."""

    period: Period
    services: Collection[str] | None = None
    language: str = ""
    region: str = ""
    by: frozenset[str] = frozenset()
    """Which of service, language, region and day the sums are told by."""
    groups: Mapping[str, str] | None = None
    """The groups of services that sums are told by instead of services, where there are any."""
    interval: Interval = Interval.DAY
    """What is told as one, where sums are told by day."""


class Sum(NamedTuple):
    """What the cells of a question come to; empty is what the question was not told by."""

    day: str
    service_id: str
    language: str
    region: str
    tally: Tally
    group: str | None = None
    """The group of its services, where it was told by groups; empty for services in none."""


def period(
    start: str, end: str, today: date, *, most: int = MAX_DAYS, ends: str = "end_date"
) -> Period:
    """Return the days asked for; by themselves the last ninety up to today."""
    last = day_from(end, ends) if end else today
    usual = last - min(timedelta(USUAL_DAYS - 1), last - date.min)
    first = day_from(start, "start_date") if start else usual
    if not 0 <= (last - first).days < most:
        raise InvalidError(f"from 1 to {most} days, the first before the last", field="start_date")
    return Period(first, last)


def cells(
    before: Mapping[str, CaseFacts], after: Mapping[str, CaseFacts | None]
) -> Mapping[Cell, Tally]:
    """Return what changes in the cells: each case is taken off where it was and added anew."""
    changes: dict[Cell, Tally] = {}
    for case_id, facts in after.items():
        known = before.get(case_id)
        if known is not None and facts is not None and _asked(known) == _asked(facts):
            continue
        for one, sign in ((known, -1), (facts, 1)):
            if one is not None and one.tally.case_count:
                tally = one.tally if sign > 0 else -one.tally
                for cell in _cells_of(one):
                    changes[cell] = changes.get(cell, Tally()) + tally
    return {cell: tally for cell, tally in changes.items() if tally != Tally()}


def _asked(facts: CaseFacts) -> tuple[str, ...]:
    return facts.region, facts.language, facts.service_id, facts.channel


def _cells_of(facts: CaseFacts) -> Iterable[Cell]:
    told = product((facts.region, ALL), (facts.language, ALL), (facts.service_id, ALL))
    return [(*cell, facts.day) for cell in told]
