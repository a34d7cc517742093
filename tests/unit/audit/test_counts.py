"""The counters that analysts' answers are added up from."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from services.audit.domain import CaseEvent, Register
from services.audit.domain.counts import changes, minutes_bin, minutes_of_bin, share_bin
from services.audit.domain.facts import CaseFacts, follow
from services.audit.store import SqlLedger
from services.audit.store.analyst import MADE_ANEW, REBUILDING, RebuildingError, SqlAnalyst
from services.audit.store.tables import (
    bins_table,
    handling_table,
    quality_table,
    register_table,
)
from services.chassis.story import GapError
from tests.unit.audit.stories import NOON, decision, event

COUNTERS = (quality_table, handling_table, bins_table)


def rows(analyst: SqlAnalyst, *tables: sa.Table) -> dict[str, set[tuple[Any, ...]]]:
    """Return every row but those whose counters came back to nothing."""
    with analyst.database.read() as connection:
        found = {table.name: list(connection.execute(sa.select(table))) for table in tables}
    is_counter = {table.name for table in COUNTERS}
    return {
        name: {tuple(row) for row in told if name not in is_counter or any(_numbers(row, name))}
        for name, told in found.items()
    }


def _numbers(row: Sequence[Any], name: str) -> Sequence[Any]:
    return row[5:] if name == bins_table.name else row[3:]


def stories(cases: int, seed: int) -> list[CaseEvent]:
    """Return the events of cases that go every way a case can go."""
    chance = Random(seed)
    told = []
    for number in range(cases):
        states = ["routed", "accepted", "returned", "triaged", "routed", "completed"]
        for version in range(1, chance.randrange(2, 7)):
            told.append(_event(f"c{number}", version, states[version - 1], chance))
    return told


def _event(case_id: str, version: int, state: str, chance: Random) -> CaseEvent:
    service = chance.choice(["identity.passport", "land.plot", "health.clinic"])
    office = chance.choice(["MIA", "akimat-75"]) if state in ("routed", "accepted") else ""
    actor = chance.choice(["model", "citizen", "triage-officer"])
    outcome = chance.choice(["route", "confirm", "triage"])
    made = decision(
        f"{case_id}:{version}",
        actor=actor,
        service_id=service,
        outcome=outcome,
        reason_code="SAMPLED" if outcome == "triage" else "CONFIDENT",
        ranking=((service, chance.random()),),
        language=chance.choice(["kk", "ru"]),
    )
    passed = timedelta(minutes=chance.randrange(10_000))
    return event(
        case_id,
        version,
        state,
        service_id=service,
        office=office or ("MIA" if state == "completed" else ""),
        region=chance.choice(["75", "71"]),
        reason_code=chance.choice(["NOT_COMPETENT", ""]),
        submit_time=NOON + timedelta(days=int(case_id[1:]) % 3),
        event_time=NOON + timedelta(days=int(case_id[1:]) % 3) + passed,
        stars=chance.randrange(6),
        decision=made if chance.random() < 0.8 else None,
    )


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_counters_do_not_depend_on_batches(analyst: SqlAnalyst, size: int) -> None:
    """However events come, the counters are those of the cases as they ended."""
    told = stories(60, seed=3)
    for begin in range(0, len(told), size):
        analyst.record(told[begin : begin + size])

    ended = follow(told, {})
    assert _counted(ended) == {
        name: {row[:-width]: row[-width:] for row in found}
        for (name, found), width in zip(rows(analyst, *COUNTERS).items(), (17, 12, 3), strict=True)
    }


def _counted(ended: dict[str, CaseFacts | None]) -> dict[str, Any]:
    """Count cases as they are, by the order of the tables' keys."""
    counted = changes({}, ended)
    return {
        "quality_days": {(d, day, v): tuple(n) for (d, v, day), n in counted.quality.items()},
        "handling_days": {(d, day, v): tuple(n) for (d, v, day), n in counted.handling.items()},
        "bin_days": {(h, d, day, v, b): tuple(n) for (h, d, v, day, b), n in counted.bins.items()},
    }


def test_a_repeated_batch_counts_once(analyst: SqlAnalyst) -> None:
    """The bus may bring what it brought before."""
    told = stories(20, seed=5)
    analyst.record(told)
    before = rows(analyst, *MADE_ANEW)

    analyst.record(told)

    assert rows(analyst, *MADE_ANEW) == before


def test_an_event_that_is_missing_is_waited_for(analyst: SqlAnalyst) -> None:
    """Nothing is counted of a story with a hole."""
    with pytest.raises(GapError):
        analyst.record([event("c1", 2)])


def test_an_erased_case_leaves_no_facts(analyst: SqlAnalyst) -> None:
    """And is taken off every counter."""
    told = stories(1, seed=5)
    erased = event("c0", len(told) + 1, type="kz.qyzmet.case.erased.v1")

    analyst.record([*told, erased])

    assert all(not found for found in rows(analyst, *COUNTERS, *MADE_ANEW[1:3]).values())


def test_the_log_waits_for_no_counter(analyst: SqlAnalyst, ledger: SqlLedger) -> None:
    """What analysts are told follows the same events on its own."""
    ledger.record([event("c1", 1)])
    assert not rows(analyst, handling_table)["handling_days"]

    analyst.record([event("c1", 1)])
    assert rows(analyst, handling_table)["handling_days"]


def test_the_consumer_waits_while_all_is_made_anew(analyst: SqlAnalyst) -> None:
    """Only who rebuilds counts then; afterwards the consumer goes on."""
    analyst.clear()
    with pytest.raises(RebuildingError):
        analyst.record([event("c1", 1)])

    SqlAnalyst(analyst.database, REBUILDING).record([event("c1", 1)])
    analyst.go_live()

    analyst.record([event("c1", 2, "accepted")])


def test_the_last_word_on_a_day_of_the_register_stands(analyst: SqlAnalyst) -> None:
    """One row a day."""
    for online in (270, 276):
        analyst.note_register("2026-03-01", Register("v1", 300, online))

    assert rows(analyst, register_table)["register_days"] == {("2026-03-01", "v1", 300, 276)}


@pytest.mark.parametrize("minutes", [0, 1, 2, 59, 1440, 100_000])
def test_a_time_lies_in_its_bin(minutes: int) -> None:
    """A bin begins before the time and ends after it."""
    number = minutes_bin(minutes * 60)

    assert minutes_of_bin(number) <= minutes + 1e-6
    assert minutes < minutes_of_bin(number + 1) + 1e-6


def test_certainty_is_in_the_last_bin() -> None:
    """A probability of 1 has no bin of its own."""
    assert [share_bin(value, 20) for value in (0.0, 0.049, 0.05, 0.999, 1.0)] == [0, 0, 1, 19, 19]
