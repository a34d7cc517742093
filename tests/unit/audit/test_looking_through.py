"""How far a page of decisions looks, by what the database reads: no further than its bound."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.audit.domain.demand import Period
from services.audit.domain.finding import Search
from services.audit.store import SqlLedger
from services.audit.store.finding import SqlFound
from services.chassis.database import Database
from tests.unit.audit.stories import NOON, decision, event

BOUND = 20
FEW, MANY = 60, 600
"""Both more than a page looks through."""
DAYS = Period(NOON.date(), NOON.date() + timedelta(days=30))
FILTERS = [
    {"model": "0000"},
    {"outcome": "triage"},
    {"model": "0000", "service_id": "identity.passport"},
]
"""None of which any decision fits, so that a page goes on until it may not."""

Statement = tuple[str, Any]


def decide(ledger: SqlLedger, begin: int, end: int) -> None:
    """Let decisions be taken, a minute after each other."""
    ledger.record(
        [
            event(
                f"c{number:04}",
                1,
                decision=decision(f"d{number:04}", decide_time=NOON + timedelta(minutes=number)),
            )
            for number in range(begin, end)
        ]
    )


def growth(ledger: SqlLedger, found: SqlFound, search: Search) -> float:
    """Return how many times as much a page reads of many decisions as of few."""
    decide(ledger, 0, FEW)
    before = read(found, search)
    decide(ledger, FEW, MANY)
    return read(found, search) / before


def read(found: SqlFound, search: Search) -> float:
    """Return how much the database reads for a page."""
    with heard(found.database) as asked:
        assert found.decisions(search)[0] == []
    return sum(_cost(found.database, one) for one in asked)


@contextmanager
def heard(database: Database) -> Iterator[list[Statement]]:
    """Give what the database is asked."""
    asked: list[Statement] = []

    def hear(*call: Any) -> None:
        if call[2].startswith("SELECT"):
            asked.append((call[2], call[3]))

    sa.event.listen(database.reading, "before_cursor_execute", hear)
    yield asked
    sa.event.remove(database.reading, "before_cursor_execute", hear)


def _cost(database: Database, asked: Statement) -> float:
    """Tell it in steps of SQLite's machine, or in rows of decisions that PostgreSQL looks at."""
    with database.read() as connection:
        if connection.dialect.name == "sqlite":
            return _steps(connection, asked)
        # A small table is read whole otherwise, which says nothing of a large one.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {asked[0]}"
        ((plan,),) = connection.exec_driver_sql(explain, asked[1]).scalars().all()
        return sum(_rows(one) for one in _nodes(plan["Plan"]))


def _steps(connection: sa.Connection, asked: Statement) -> int:
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(step, 1)
    connection.exec_driver_sql(*asked).all()
    driver.set_progress_handler(None, 0)
    return taken


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _rows(node: dict[str, Any]) -> float:
    if node.get("Relation Name") != "decisions":
        return 0
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return (node["Actual Rows"] + sum(node.get(name, 0) for name in removed)) * node["Actual Loops"]


@pytest.mark.parametrize("filters", FILTERS)
def test_a_page_reads_the_same_however_many_decisions_there_are(
    ledger: SqlLedger, filters: dict[str, str]
) -> None:
    """The index leads to those it looks through, from the first to the last, and to no others."""
    bounded = SqlFound(ledger.database, BOUND)

    assert growth(ledger, bounded, Search(period=DAYS, **filters)) < 1.5


def test_what_a_page_reads_is_measured(ledger: SqlLedger) -> None:
    """Without the bound it would be as many times as much as there are more decisions."""
    unbounded = SqlFound(ledger.database, 10 * MANY)

    assert growth(ledger, unbounded, Search(period=DAYS, **FILTERS[0])) > 5


def test_a_page_behind_others_reads_no_more(ledger: SqlLedger) -> None:
    """Where many pages found nothing, the next does not look through theirs again."""
    bounded = SqlFound(ledger.database, BOUND)
    decide(ledger, 0, MANY)
    pages = [Search(period=DAYS, **FILTERS[0])]
    while (behind := bounded.decisions(pages[-1])[1]) is not None:
        pages.append(replace(pages[0], after=behind))

    assert len(pages) == MANY // BOUND + 1
    assert read(bounded, pages[-2]) < 1.5 * read(bounded, pages[1])
