"""What analysts are told, made anew from the topic."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qyzmet.cases.v1 import cases_pb2
from services.audit import app, events
from services.audit.store import SqlLedger
from services.audit.store.analyst import MADE_ANEW, REBUILDING, RebuildingError, SqlAnalyst
from services.audit.store.answers import reading
from services.audit.store.placing import PLACED, SqlPlacing
from services.chassis.bus.port import Message, Record
from services.chassis.database import open_database
from services.chassis.testing import settings_in
from tests.unit.audit.stories import event, message, record, wrap
from tests.unit.audit.test_counts import rows, stories

Feed = Callable[..., list[Record]]


def told(case_id: str, version: int, **more: object) -> Record:
    return record(message(case_id, version, **more))


def broken(case_id: str) -> Record:
    good = message(case_id, 2)
    return record(Message(good.topic, good.key, b"\xff", good.headers))


def rebuilt(analyst: SqlAnalyst, *history: Record, size: int = 100) -> tuple[int, int]:
    analyst.clear()
    anew = SqlAnalyst(analyst.database, REBUILDING)
    found = events.rebuild(history, size, analyst=anew)
    analyst.go_live()
    return found


def test_the_same_events_give_the_same_numbers(analyst: SqlAnalyst) -> None:
    """Every table, but for counters that came back to nothing."""
    all_told = stories(50, seed=9)
    for one in all_told:
        analyst.record([one])
    before = rows(analyst, *MADE_ANEW)

    analyst.clear()
    SqlAnalyst(analyst.database, REBUILDING).record(all_told)
    analyst.go_live()

    after = rows(analyst, *MADE_ANEW)
    cells = {row for row in before.pop("demand_cells") if any(row[4:])}
    assert (after.pop("demand_cells"), after) == (cells, before)
    assert all(after.values())


def test_an_erased_case_that_was_rated_since_counts_nowhere(analyst: SqlAnalyst) -> None:
    """Neither as it is followed nor as it is made anew."""
    history = [told("c1", 1), told("c1", 2, state="completed")]
    for version, name in ((3, "erased"), (4, "rated")):
        done = cases_pb2.CaseEvent(
            case_id="c1", case_version=version, state=cases_pb2.STATE_COMPLETED, office="MIA"
        )
        history.append(record(wrap(done, f"kz.qyzmet.case.{name}.v1")))
    events.follow(history, analyst=analyst)
    followed = rows(analyst, *MADE_ANEW)

    rebuilt(analyst, *history)

    for counted in (followed, rows(analyst, *MADE_ANEW)):
        cells = {row for row in counted.pop("demand_cells") if any(row[4:])}
        assert (cells, counted.pop("analyst_seen")) == (set(), {("c1", 4)})
        assert not any(counted.values())


def test_broken_off_it_is_begun_again(analyst: SqlAnalyst) -> None:
    """Meanwhile nobody is told half of it; the second run comes to the same numbers."""
    history = stories(20, seed=4)
    analyst.record(history)
    before = rows(analyst, *MADE_ANEW)
    anew = SqlAnalyst(analyst.database, REBUILDING)
    analyst.clear()
    anew.record(history[:30])

    with pytest.raises(RebuildingError), reading(analyst.database):
        pytest.fail("half of it is told")
    analyst.clear()
    anew.record(history)
    analyst.go_live()

    after = rows(analyst, *MADE_ANEW)
    cells = {row for row in before.pop("demand_cells") if any(row[4:])}
    assert (after.pop("demand_cells"), after) == (cells, before)


ROW_BY_ROW = """
CREATE FUNCTION row_by_row() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'of millions this takes longer than a statement may'; END $$;
"""


def test_postgresql_empties_tables_of_any_size(postgres_url: str, tmp_path: Path) -> None:
    """Whole, not row by row: a statement over all of a year would be ended by its limit."""
    settings = settings_in(tmp_path, database=postgres_url)
    with closing(open_database(settings, "audit", app.MIGRATIONS)) as database:
        analyst, placing = SqlAnalyst(database), SqlPlacing(database)
        analyst.record([event("c1", 1)])
        SqlLedger(database).record([event("c1", 1)])
        with database.writing.begin() as connection:
            connection.exec_driver_sql(ROW_BY_ROW)
            for table in (*MADE_ANEW, *PLACED):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER no BEFORE DELETE ON {table.name}"
                    " FOR EACH ROW EXECUTE FUNCTION row_by_row()"
                )

        analyst.clear()
        placing.clear()

        assert not any(rows(analyst, *MADE_ANEW, *PLACED).values())


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_cannot_be_read_holds_its_case_back(analyst: SqlAnalyst, size: int) -> None:
    """As in the consumer, which parks it; other cases go on."""
    history = [told("c1", 1), broken("c1"), told("c2", 1), told("c1", 3), told("c2", 2)]

    assert rebuilt(analyst, *history, size=size) == (3, 2)
    assert rows(analyst, MADE_ANEW[0])["analyst_seen"] == {("c1", 1), ("c2", 2)}


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_is_missing_holds_its_case_back(analyst: SqlAnalyst, size: int) -> None:
    """A story with a hole is told up to it."""
    history = [told("c1", 1), told("c1", 3), told("c2", 1), told("c1", 4)]

    assert rebuilt(analyst, *history, size=size) in {(2, 2), (1, 3)}
    assert ("c2", 1) in rows(analyst, MADE_ANEW[0])["analyst_seen"]


def test_events_of_a_later_release_are_passed_over(analyst: SqlAnalyst) -> None:
    """They are seen, and tell nothing."""
    strange = cases_pb2.CaseEvent(case_id="c1", case_version=2)

    found = rebuilt(analyst, told("c1", 1), record(wrap(strange, "kz.qyzmet.case.danced.v1")))

    assert found == (2, 0)
