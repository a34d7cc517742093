"""Working days: the law's own unit, counted by an independent library and a file of decrees."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.workdays import Calendar, WorkdaysError, end_of, last_day, read_calendar

CALENDAR = read_calendar(None)
PLAIN = Calendar()
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-01", False),
        ("2026-01-05", True),
        ("2026-01-07", False),
        ("2026-03-09", False),  # Women's Day fell on a Sunday
        ("2026-03-20", True),
        ("2026-03-25", False),  # the second of two days of Nauryz on a weekend
        ("2026-03-26", True),
        ("2026-05-11", False),
        ("2026-07-04", False),
        ("2026-07-06", False),
        ("2026-10-26", False),
        ("2025-01-03", False),  # moved by decree
        ("2025-01-05", True),  # a Sunday that made up for it
    ],
)
def test_the_calendar_is_the_state_s(day: str, works: bool) -> None:
    """Holidays, the day that makes up for one on a weekend, and what was moved by decree."""
    assert CALENDAR.is_working(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-01-05", 1, "2026-01-06"),
        ("2026-01-06", 1, "2026-01-08"),  # over Christmas
        ("2026-03-18", 3, "2026-03-26"),  # over Nauryz and a weekend
        ("2026-12-28", 15, "2027-01-21"),  # over the New Year
        ("2026-01-10", 0, "2026-01-12"),  # a Saturday's own day is the Monday
        ("2026-01-12", 0, "2026-01-12"),
    ],
)
def test_a_term_is_counted_in_working_days(start: str, days: int, end: str) -> None:
    """From the day after the event, as the code says."""
    assert CALENDAR.after(date.fromisoformat(start), days) == date.fromisoformat(end)


@given(DAYS, st.integers(1, 800))
def test_counting_there_and_back_agrees(start: date, days: int) -> None:
    """The n-th working day is a working day, and n of them lie between."""
    end = PLAIN.after(start, days)

    assert PLAIN.is_working(end)
    assert PLAIN.between(start, end) == days


@given(DAYS, st.integers(0, 60))
def test_the_library_s_own_counting_says_the_same(start: date, span: int) -> None:
    """Day by day, by somebody else's code."""
    end = start + timedelta(span)
    known = holidays.country_holidays("KZ", years=range(2019, 2043))

    counted = sum(known.is_working_day(start + timedelta(n)) for n in range(1, span + 1))

    assert PLAIN.between(start, end) == counted


def test_what_is_past_has_no_days_left() -> None:
    """Less than nothing is not counted."""
    assert PLAIN.between(date(2026, 2, 10), date(2026, 2, 2)) == 0


def test_a_term_ends_at_midnight_in_kazakhstan() -> None:
    """Whatever the zone of the server; an event late in the evening counts as that day."""
    late = datetime(2026, 2, 2, 18, 59, tzinfo=UTC)  # 23:59 on Monday
    later = datetime(2026, 2, 2, 19, 1, tzinfo=UTC)  # 00:01 on Tuesday

    assert PLAIN.end_of_term(late, 1) == datetime(2026, 2, 3, 19, tzinfo=UTC)
    assert PLAIN.end_of_term(later, 1) == datetime(2026, 2, 4, 19, tzinfo=UTC)
    assert last_day(end_of(date(2026, 2, 3))) == date(2026, 2, 3)


MOVED = """format = 1
[[moved]]
off = 2026-02-06
work = 2026-02-07
source = "a decree"
[[off]]
day = 2026-02-09
source = "another"
"""


def test_an_operator_s_file_adds_what_was_decreed_since(tmp_path: Path) -> None:
    """A Friday off for a Saturday, and a day that the library does not know."""
    path = tmp_path / "workdays.toml"
    path.write_text(MOVED, "utf-8")

    calendar = read_calendar(path)

    working = [day for day in range(5, 11) if calendar.is_working(date(2026, 2, day))]
    assert working == [5, 7, 10]


@pytest.mark.parametrize(
    "text",
    [
        "format = 2",
        "format = 1\nmoves = []",
        MOVED.replace('source = "a decree"', ""),
        MOVED.replace('"a decree"', '" "'),
        MOVED.replace("2026-02-06", '"2026-02-06"'),
        MOVED.replace("2026-02-06", "2026-02-06T00:00:00Z"),
        MOVED.replace("off = ", "of = "),
        "format = ",
    ],
)
def test_a_slip_in_the_file_stops_the_start(tmp_path: Path, text: str) -> None:
    """A day without a source, a misspelt key: no term is counted by a guess."""
    path = tmp_path / "workdays.toml"
    path.write_text(text, "utf-8")

    with pytest.raises(WorkdaysError, match=r"workdays\.toml"):
        read_calendar(path)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """And is named."""
    with pytest.raises(WorkdaysError, match="nowhere"):
        read_calendar(tmp_path / "nowhere.toml")
