"""The ledger in SQL: decisions and counters change together, once."""

import pytest
import sqlalchemy as sa

from services.audit.domain import DecisionReusedError, Row, Tally
from services.audit.store import SqlLedger, offices_table, placements_table
from services.chassis.story import GapError
from tests.unit.audit.stories import decision, event, gone


def services(ledger: SqlLedger) -> list[Row]:
    return list(ledger.coverage()[0])


def test_a_decision_is_kept_with_its_version(ledger: SqlLedger) -> None:
    """What was decided is found by its case, as it was told."""
    ledger.record([event("c1", 1, decision=decision("d1"))])

    (kept,) = ledger.decisions("c1")

    assert (kept.case_version, kept.record) == (1, b"d1")


def test_decisions_come_oldest_first(ledger: SqlLedger) -> None:
    """A case decided twice shows both decisions in order."""
    ledger.record([event("c1", 1, decision=decision("d1")), gone("c1", 2)])
    ledger.record([event("c1", 3, decision=decision("d2"))])

    assert [kept.case_version for kept in ledger.decisions("c1")] == [1, 3]


def test_a_case_without_decisions_has_none(ledger: SqlLedger) -> None:
    """An event without a decision leaves no record of one."""
    ledger.record([event("c1", 1, "submitted")])

    assert ledger.decisions("c1") == []


def test_a_decision_cannot_be_recorded_under_two_cases(ledger: SqlLedger) -> None:
    """A decision's id is unique; nothing of the batch that reuses one takes effect."""
    ledger.record([event("c1", 1, decision=decision("d1"))])

    with pytest.raises(DecisionReusedError):
        ledger.record([event("c2", 1, decision=decision("d1"))])

    assert services(ledger) == [Row("identity.passport", Tally(1, 1))]


def test_a_repeated_batch_changes_nothing(ledger: SqlLedger) -> None:
    """Counters and decisions are the same after any number of repetitions."""
    batch = [event("c1", 1, decision=decision("d1")), event("c1", 2, "accepted"), event("c2", 1)]
    ledger.record(batch)
    before = ledger.coverage(), ledger.decisions("c1")

    ledger.record(batch)

    assert (ledger.coverage(), ledger.decisions("c1")) == before


def test_a_gap_leaves_the_batch_without_effect(ledger: SqlLedger) -> None:
    """A batch with a hole is refused whole."""
    with pytest.raises(GapError):
        ledger.record([event("c1", 1), event("c2", 2)])

    assert services(ledger) == []


def test_an_unknown_event_is_seen(ledger: SqlLedger) -> None:
    """The event after one of a later release is no gap."""
    ledger.record([event("c1", 1, type="kz.qyzmet.case.merged.v1", decision=decision("d0"))])
    ledger.record([event("c1", 2)])

    assert services(ledger) == [Row("identity.passport", Tally(1, 1))]
    assert ledger.decisions("c1") == []


def test_a_returned_case_leaves_the_counters(ledger: SqlLedger) -> None:
    """A service without cases is not listed."""
    ledger.record([event("c1", 1)])
    ledger.record([gone("c1", 2)])

    assert ledger.coverage() == ([], [])


def test_most_cases_come_first(ledger: SqlLedger) -> None:
    """Services are listed by their number of cases, then by name."""
    ledger.record([event("c1", 1, service_id="b"), event("c2", 1, service_id="a")])
    ledger.record([event("c3", 1, service_id="c"), event("c4", 1, service_id="c")])

    assert [row.key for row in services(ledger)] == ["c", "a", "b"]


def test_counters_equal_a_count_of_the_placements(ledger: SqlLedger) -> None:
    """After many moves the counters say what counting all cases would say."""
    for n in range(60):
        office, channel = f"o{n % 3}", ("online", "in-person")[n % 2]
        ledger.record([event(f"c{n}", 1, office=office, channel=channel)])
        ledger.record([gone(f"c{n}", 2)] if n % 5 == 0 else [event(f"c{n}", 2, office="o9")])

    counted = sa.select(placements_table.c.office, sa.func.count()).group_by("office")
    kept = sa.select(offices_table.c.office, offices_table.c.case_count).where(
        offices_table.c.case_count > 0
    )
    with ledger.database.read() as connection:
        assert set(connection.execute(counted)) == set(connection.execute(kept)) != set()
