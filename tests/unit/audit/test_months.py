"""Counters of months beside those of days: always the same sums."""

from collections.abc import Iterator
from dataclasses import astuple, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from services.audit import app
from services.audit.domain import CaseEvent
from services.audit.domain.counts import OFFICE, Dimension, Histogram
from services.audit.domain.demand import Period
from services.audit.domain.spans import MONTH, days_of, spans_of
from services.audit.store import counters
from services.audit.store.analyst import REBUILDING, RebuildingError, SqlAnalyst
from services.audit.store.answers import SqlCounted
from services.audit.store.tables import (
    bins_table,
    handling_table,
    quality_table,
    state_table,
)
from services.chassis import testing
from services.chassis.config import Settings
from services.chassis.database import Database, database_of, migrate, open_database
from tests.unit.audit.stories import event
from tests.unit.audit.test_counts import COUNTERS, rows, stories

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
EDGES = [
    YEAR,
    Period(date(2026, 3, 1), date(2026, 3, 31)),
    Period(date(2026, 3, 31), date(2026, 5, 1)),
    Period(date(2026, 2, 28), date(2026, 2, 28)),
]
BEFORE = "live"
"""How the release before says that it counts."""
Sums = dict[tuple[Any, ...], tuple[int, ...]]


def year_of_stories(chance: Random) -> list[CaseEvent]:
    """Return what happens to cases of all days of two years; some are erased in the end."""
    told = stories(200, seed=chance.randrange(1000))
    begins = {
        one.case_id: datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(chance.randrange(-90, 420))
        for one in told
    }
    told = [_moved(one, begins[one.case_id]) for one in told]
    versions = {one.case_id: one.case_version for one in told}
    erased = chance.sample(sorted(versions), 20)
    ends = [event(one, versions[one] + 1, type="kz.qyzmet.case.erased.v1") for one in erased]
    return told + ends


def _moved(one: CaseEvent, begin: datetime) -> CaseEvent:
    assert one.event_time is not None
    return replace(one, submit_time=begin, event_time=begin + (one.event_time - one.submit_time))


def batches(told: list[CaseEvent], chance: Random) -> Iterator[list[CaseEvent]]:
    while told:
        size = chance.choice([1, 2, 20, 200])
        yield told[:size]
        told = told[size:]


def periods(chance: Random) -> Iterator[Period]:
    """Give any period of the year before, of this one, or of the next, short or long."""
    for _ in range(12):
        start = date(2025, 9, 1) + timedelta(chance.randrange(500))
        yield Period(start, start + timedelta(chance.choice([0, 5, 31, 90, 365])))


def of_days(database: Database, table: sa.Table, period: Period, **of: str) -> Sums:
    """Add up the days of a period, day by day, leaving out what comes to nothing."""
    first, last = days_of(period)
    query = sa.select(table).where(table.c.day.between(first, last))
    for name, value in of.items():
        query = query.where(table.c[name] == value)
    keys = [name for name in ("value", "bin") if name in table.c]
    counts = [column.name for column in table.columns if not column.primary_key]
    told: Sums = {}
    with database.read() as connection:
        for row in connection.execute(query).mappings():
            key = tuple(row[name] for name in keys)
            mine = told.get(key, (0,) * len(counts))
            told[key] = tuple(a + row[name] for a, name in zip(mine, counts, strict=True))
    return filled(told)


def filled(told: Sums) -> Sums:
    return {key: counts for key, counts in told.items() if any(counts)}


@pytest.fixture(params=[1, 2])
def chance(request: pytest.FixtureRequest) -> Random:
    return Random(request.param)


@pytest.fixture
def grown(analyst: SqlAnalyst, chance: Random) -> SqlAnalyst:
    """Give what was told of a year, in batches of any size."""
    for batch in batches(year_of_stories(chance), chance):
        analyst.record(batch)
    return analyst


@pytest.mark.parametrize("by", ["", "language", "region", "service", "model", OFFICE])
def test_any_period_comes_to_the_sum_of_its_days(
    grown: SqlAnalyst, chance: Random, by: str
) -> None:
    """Quality, handling and every histogram, after moves and erasures."""
    counted, database = SqlCounted(grown.database), grown.database
    for days in (*EDGES, *periods(chance)):
        quality = {(key,): astuple(one) for key, one in counted.quality(days, by).items()}
        assert filled(quality) == of_days(database, quality_table, days, dimension=by)
        handling = {(key,): astuple(one) for key, one in counted.handling(days, by).items()}
        assert filled(handling) == of_days(database, handling_table, days, dimension=by)
        for kind in Histogram:
            bins = {
                (key, number): astuple(one)
                for key, told in counted.bins(kind, days, by).items()
                for number, one in told.items()
            }
            known = {"histogram": str(kind), "dimension": by}
            assert filled(bins) == of_days(database, bins_table, days, **known)


def test_a_day_is_told_as_a_day(grown: SqlAnalyst) -> None:
    """No month comes among the days, which add up to the whole."""
    counted = SqlCounted(grown.database)

    told = counted.quality(YEAR, Dimension.DAY)

    assert {len(day) for day in told} == {len("2026-01-01")}
    whole = counted.quality(YEAR, Dimension.NONE)[""].decided_count
    assert sum(one.decided_count for one in told.values()) == whole > 0


@pytest.mark.parametrize("days", EDGES)
def test_each_span_is_read_as_a_range_of_the_key(tmp_path: Path, days: Period) -> None:
    """In SQLite; so a question costs as many rows as it needs and no more."""
    spans = spans_of(days)
    database = open_database(testing.settings_in(tmp_path), "audit", app.MIGRATIONS)
    with database.read() as connection:

        @sa.event.listens_for(connection, "before_cursor_execute", retval=True)
        def explain(*call: Any) -> tuple[str, Any]:
            return f"EXPLAIN QUERY PLAN {call[2]}", call[3]

        keys, of = ("value", "bin"), {"histogram": "answer", "dimension": "office"}
        found = counters.sums(connection, bins_table, keys, spans, of)
        told = [row[-1] for row in found]
    database.close()

    reads = [line for line in told if "bin_days" in line]
    assert len(reads) == len(spans)
    assert all("(histogram=? AND dimension=? AND day>? AND day<?)" in line for line in reads)


def test_rebuilt_months_are_the_same(analyst: SqlAnalyst, chance: Random) -> None:
    """From the same events, whatever came between."""
    told = year_of_stories(chance)
    for batch in batches(told, chance):
        analyst.record(batch)
    before = rows(analyst, *COUNTERS)

    analyst.clear()
    SqlAnalyst(analyst.database, REBUILDING).record(told)
    analyst.go_live()

    assert rows(analyst, *COUNTERS) == before
    assert all(any(MONTH in str(row) for row in found) for found in before.values())


@pytest.fixture
def older(settings: Settings) -> Iterator[Database]:
    """Give the database of the release before."""
    database = database_of(settings, "audit")
    migrate(database.writing, app.MIGRATIONS, to="audit_0006")
    yield database
    database.close()


def forget_months(database: Database) -> None:
    """Leave what the release before had counted: days alone."""

    def work(connection: sa.Connection) -> None:
        for table in COUNTERS:
            connection.execute(sa.delete(table).where(table.c.day >= MONTH))

    database.change(work)


def test_months_are_filled_from_the_days_before(older: Database, chance: Random) -> None:
    """As if they had been counted from the beginning."""
    analyst = SqlAnalyst(older, BEFORE)
    analyst.record(year_of_stories(chance))
    counted = rows(analyst, *COUNTERS)
    forget_months(older)
    assert rows(analyst, *COUNTERS) != counted

    migrate(older.writing, app.MIGRATIONS)

    assert rows(analyst, *COUNTERS) == counted


def test_months_are_taken_back(analyst: SqlAnalyst) -> None:
    """Days stay, and the release before counts on from them."""
    analyst.record(stories(20, seed=5))
    script = ScriptDirectory(str(app.MIGRATIONS)).get_revision("audit_0007")

    def down(connection: sa.Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            script.module.downgrade()

    before = rows(analyst, *COUNTERS)
    analyst.database.change(down)

    after = rows(analyst, *COUNTERS)
    assert after == {
        name: {row for row in found if not any(str(one).startswith("m20") for one in row)}
        for name, found in before.items()
    }
    assert after != before
    SqlAnalyst(analyst.database, BEFORE).record([event("later", 1)])


def test_the_release_before_counts_no_more(older: Database) -> None:
    """It would add to days and to no month; its consumer waits for its end."""
    migrate(older.writing, app.MIGRATIONS)

    with pytest.raises(RebuildingError):
        SqlAnalyst(older, BEFORE).record([event("c1", 1)])
    SqlAnalyst(older).record([event("c1", 1)])


def test_what_the_release_before_makes_anew_is_not_taken_for_whole(older: Database) -> None:
    """It ends with days alone; this release then asks to make it anew."""
    analyst = SqlAnalyst(older, BEFORE)
    analyst.clear()
    migrate(older.writing, app.MIGRATIONS)

    older.change(lambda connection: connection.execute(sa.update(state_table).values(state=BEFORE)))

    with pytest.raises(RebuildingError):
        SqlCounted(older).quality(YEAR, Dimension.NONE)
