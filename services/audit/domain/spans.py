"""Days and months that counters stand for, and which of them add up to a period.

A month's name sorts behind every day, so that a range of days holds no month.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from services.audit.domain.demand import Period

MONTH = "m"
"""What the name of a month begins with."""
MONTHS_A_YEAR = 12

Span = tuple[str, str]
"""From a first to a last day, or from a first to a last month, by their names."""


def month_of(day: str) -> str:
    """Return the month of a day: `m2026-11` of `2026-11-27`."""
    return MONTH + day[:7]


def spans_of(period: Period) -> Sequence[Span]:
    """Return at most three spans that add up to a period: its whole months, and the days beside."""
    start, end = period.start, period.end
    first = _number(start) + (start.day > 1)
    last = _number(end) - (end < _last_day(end))
    if first > last:
        return [days_of(period)]
    told = [(_name(first), _name(last))]
    if start.day > 1:
        told.insert(0, days_of(Period(start, _last_day(start))))
    if end < _last_day(end):
        told.append(days_of(Period(end.replace(day=1), end)))
    return told


def days_of(period: Period) -> Span:
    """Return the span of all days of a period."""
    return period.start.isoformat(), period.end.isoformat()


def _number(day: date) -> int:
    """Number months, one after the other."""
    return day.year * MONTHS_A_YEAR + day.month - 1


def _name(number: int) -> str:
    year, month = divmod(number, MONTHS_A_YEAR)
    return month_of(date(year, month + 1, 1).isoformat())


def _last_day(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
