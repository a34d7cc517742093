"""Which days and months add up to a period."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.domain.demand import Period
from services.audit.domain.spans import Span, days_of, month_of, spans_of

SOME_DAY = st.dates(date(2023, 1, 1), date(2028, 12, 31))


def spans(start: str, end: str) -> list[Span]:
    return list(spans_of(Period(date.fromisoformat(start), date.fromisoformat(end))))


def named(period: Period) -> list[str]:
    """Return the names of all days of a period."""
    count = (period.end - period.start).days + 1
    return [(period.start + timedelta(number)).isoformat() for number in range(count)]


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-01-01", "2026-12-31", [("m2026-01", "m2026-12")]),
        ("2026-02-01", "2026-02-28", [("m2026-02", "m2026-02")]),
        ("2024-02-01", "2024-02-29", [("m2024-02", "m2024-02")]),
        ("2025-11-01", "2026-02-28", [("m2025-11", "m2026-02")]),
        ("9999-12-01", "9999-12-31", [("m9999-12", "m9999-12")]),
        ("0001-01-01", "9999-12-31", [("m0001-01", "m9999-12")]),
    ],
)
def test_whole_months_are_read_as_months(start: str, end: str, told: list[Span]) -> None:
    """A leap day belongs to its month, and years make no difference."""
    assert spans(start, end) == told


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-05", "2026-03-05"),
        ("2026-03-01", "2026-03-01"),
        ("2026-03-31", "2026-03-31"),
        ("2026-03-01", "2026-03-30"),
        ("2026-03-02", "2026-03-31"),
        ("2026-03-05", "2026-03-20"),
        ("2024-02-01", "2024-02-28"),
        ("2026-03-02", "2026-04-29"),
        ("2025-12-31", "2026-01-01"),
        ("9999-12-31", "9999-12-31"),
    ],
)
def test_where_no_month_is_whole_days_are_read(start: str, end: str) -> None:
    """In one span, whether they lie in one month or in two."""
    assert spans(start, end) == [(start, end)]


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-01-31", "2026-03-01", ["2026-01-31", "m2026-02", "2026-03-01"]),
        ("2023-12-31", "2024-03-01", ["2023-12-31", "m2024-01 m2024-02", "2024-03-01"]),
        ("2026-01-15", "2026-02-28", ["2026-01-15 2026-01-31", "m2026-02"]),
        ("2026-02-01", "2026-03-15", ["m2026-02", "2026-03-01 2026-03-15"]),
        ("2025-11-28", "2026-11-27", ["2025-11-28 2025-11-30", "m2025-12 m2026-10",
                                      "2026-11-01 2026-11-27"]),
    ],
)  # fmt: skip
def test_days_are_read_beside_the_months(start: str, end: str, told: list[str]) -> None:
    """Before the first whole month, and behind the last."""
    assert spans(start, end) == [(one.split()[0], one.split()[-1]) for one in told]


@given(SOME_DAY, SOME_DAY)
def test_spans_hold_each_day_once(one: date, other: date) -> None:
    """And no other day: by the names that counters stand under, as a database compares them."""
    period = Period(min(one, other), max(one, other))
    year = timedelta(366)
    around = named(Period(period.start - year, period.end + year))
    read = spans_of(period)

    def count(name: str) -> int:
        return sum(first <= name <= last for first, last in read)

    assert len(read) <= 3
    assert [day for day in around if count(day) + count(month_of(day))] == named(period)
    assert {count(day) + count(month_of(day)) for day in named(period)} == {1}


@given(SOME_DAY, SOME_DAY)
def test_a_span_of_days_holds_no_month(one: date, other: date) -> None:
    """Whoever adds up days alone never counts a case twice."""
    first, last = days_of(Period(min(one, other), max(one, other)))

    assert not [day for day in (first, last) if first <= month_of(day) <= last]


@given(SOME_DAY, SOME_DAY)
def test_few_days_are_left_beside_months(one: date, other: date) -> None:
    """Less than a month at each end, however long the period."""
    period = Period(min(one, other), max(one, other))
    read = [span for span in spans_of(period) if not span[0].startswith("m")]

    days = [Period(*map(date.fromisoformat, span)) for span in read]
    assert sum(len(named(one)) for one in days) <= 60
