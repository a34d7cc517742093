"""Working days of Kazakhstan: what the law counts terms in.

Holidays come from the `holidays` library, moved days off from a file. A term of n
working days begins on the day after the event and ends with its n-th working day,
at midnight in Kazakhstan, which has had one time zone since 1 March 2024.
"""

import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from services.chassis.errors import InvalidError

FORMAT = 1
KAZAKHSTAN = timezone(timedelta(hours=5))
YEARS_KEPT = 100
TERMS_KEPT = 1000


class WorkdaysError(InvalidError):
    """The file of moved days off is not valid."""

    reason = "WORKDAYS"


class Calendar:
    """Tells working days from others, and counts them."""

    def __init__(self, off: Iterable[date] = (), work: Iterable[date] = ()) -> None:
        self._off = frozenset(off)
        self._work = frozenset(work)
        self._of_year = lru_cache(YEARS_KEPT)(self._find)
        self._end = lru_cache(TERMS_KEPT)(lambda day, days: end_of(self.after(day, days)))

    def is_working(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        days = self._of_year(day.year)
        at = bisect_left(days, day)
        return at < len(days) and days[at] == day

    def after(self, day: date, count: int) -> date:
        """Return the count-th working day after a day; for 0 the day itself, or the next one."""
        if not count:
            return day if self.is_working(day) else self.after(day, 1)
        days = self._of_year(day.year)
        passed = self._since_new_year(day)
        if passed + count <= len(days):
            return days[passed + count - 1]
        return self._into(day.year + 1, passed + count - len(days))

    def between(self, first: date, last: date) -> int:
        """Count the working days after the first day, up to and with the last."""
        return max(
            0,
            self._since_new_year(last)
            - self._since_new_year(first)
            + sum(len(self._of_year(year)) for year in range(first.year, last.year)),
        )

    def end_of_term(self, start: datetime, days: int) -> datetime:
        """Return when a term ends that begins with an event."""
        return self._end(day_at(start), days)

    def days_left(self, now: datetime, due: datetime) -> int:
        """Count the working days that are left after today until a term ends."""
        return self.between(day_at(now), last_day(due))

    def _into(self, year: int, count: int) -> date:
        days = self._of_year(year)
        return days[count - 1] if count <= len(days) else self._into(year + 1, count - len(days))

    def _since_new_year(self, day: date) -> int:
        return bisect_right(self._of_year(day.year), day)

    def _find(self, year: int) -> tuple[date, ...]:
        """Return the working days of a year, in order."""
        import holidays  # noqa: PLC0415  a third of a second that only who counts days pays

        known = holidays.country_holidays("KZ", years=year)
        days = (date(year, 1, 1) + timedelta(n) for n in range(366))
        return tuple(
            day
            for day in days
            if day.year == year
            and day not in self._off
            and (day in self._work or known.is_working_day(day))
        )


def day_from(text: str, field: str) -> date:
    """Return a day somebody names; raises InvalidError that names the field."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError("a date such as 2026-01-18", field=field) from error


def day_at(moment: datetime) -> date:
    """Return the day in Kazakhstan that a moment lies in."""
    return moment.astimezone(KAZAKHSTAN).date()


def begin_of(day: date) -> datetime:
    """Return the midnight that begins a day in Kazakhstan."""
    return datetime.combine(day, time(), KAZAKHSTAN).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return the midnight that ends a day in Kazakhstan."""
    return begin_of(day + timedelta(1))


def last_day(due: datetime) -> date:
    """Return the last day of a term that ends at a midnight."""
    return day_at(due - timedelta(microseconds=1))


def read_calendar(path: Path | None) -> Calendar:
    """Read the moved days off from a file, or from the one that ships with the product."""
    try:
        if path is None:
            bundled = resources.files("services.chassis").joinpath("workdays.toml")
            return _calendar(tomllib.loads(bundled.read_text("utf-8")))
        return _calendar(tomllib.loads(path.read_text("utf-8")))
    except WorkdaysError as error:
        raise WorkdaysError(f"{path}: {error.message}") from error
    except (OSError, ValueError) as error:
        raise WorkdaysError(f"{path}: {error}") from error


def _calendar(table: Mapping[str, Any]) -> Calendar:
    if table.get("format") != FORMAT or table.keys() - {"format", "moved", "off"}:
        raise WorkdaysError(f"format must be {FORMAT}, and beside it only [[moved]] and [[off]]")
    moved = [_dates(entry, "off", "work") for entry in table.get("moved", [])]
    off = [day for entry in table.get("off", []) for day in _dates(entry, "day")]
    return Calendar([*off, *(one for one, _ in moved)], [one for _, one in moved])


def _dates(entry: Mapping[str, Any], *names: str) -> list[date]:
    """Return the days of an entry, which also names its source."""
    if entry.keys() != {*names, "source"} or not str(entry["source"]).strip():
        raise WorkdaysError(f"an entry has {', '.join(names)} and a source")
    if any(type(entry[name]) is not date for name in names):
        raise WorkdaysError(f"{', '.join(names)} must be dates such as 2026-01-07")
    return [entry[name] for name in names]
