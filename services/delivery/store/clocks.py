"""The clocks in SQL: started and stopped with the events that do so, found by when they ring."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import prometheus_client
import sqlalchemy as sa

from services.chassis import sql
from services.chassis.database import Database
from services.chassis.workdays import Calendar
from services.delivery.domain import CaseEvent
from services.delivery.domain.clocks import (
    NONE,
    Alarm,
    Kind,
    LegalClock,
    Ring,
    Rulebook,
    Running,
    starts,
)
from services.delivery.store import ADD_EVENTS
from services.delivery.store.tables import metadata

RANG = prometheus_client.Counter(
    "qyzmet_alarms_total",
    "Clocks that rang, by office and by what they told: unacknowledged, reminder, overdue.",
    ["office", "ring"],
)
TIMES = ("start_time", "due_time", "next_time")

clocks_table = sa.Table(
    "clocks",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("case_version", sa.BigInteger, nullable=False),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("service_id", sa.Text, nullable=False),
    sa.Column("start_time", sa.BigInteger, nullable=False),
    sa.Column("due_time", sa.BigInteger, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("next_time", sa.BigInteger),
    sa.Index("clocks_by_next_time", "next_time"),
)
counts_table = sa.Table(
    "alarm_counts",
    metadata,
    sa.Column("office", sa.Text, primary_key=True),
    sa.Column("ring", sa.Text, primary_key=True),
    sa.Column("rung", sa.BigInteger, nullable=False),
)

_same = (
    (clocks_table.c.case_id == sa.bindparam("of"))
    & (clocks_table.c.kind == sa.bindparam("what"))
    & (clocks_table.c.due_time == sa.bindparam("ends"))
)
START = sa.insert(clocks_table)
STOP = sa.delete(clocks_table).where(_same)
ADVANCE = (
    sa.update(clocks_table)
    .where(_same, clocks_table.c.next_time.is_not(None))  # it may stand still by now
    .values(step=sa.bindparam("passed"), next_time=sa.bindparam("rings"))
)
RUNNING = sa.select(clocks_table).where(
    clocks_table.c.case_id.in_(sa.bindparam("ids", expanding=True))
)
DUE = (
    sa.select(clocks_table)
    .where(clocks_table.c.next_time <= sa.bindparam("now"))
    .order_by(clocks_table.c.next_time)
    .limit(sa.bindparam("most"))
)

Publish = Callable[[Alarm], dict[str, Any]]
"""Makes the outbox row of an alarm; the store knows no wire."""


@dataclass(frozen=True, slots=True)
class Winder:
    """Starts and stops clocks as events tell, in the transaction that takes the events."""

    rulebook: Rulebook
    calendar: Calendar

    def __call__(self, connection: sa.Connection, events: Sequence[CaseEvent]) -> None:
        """Make the clocks of the events' cases as they are after them."""
        before = _running(connection, {event.case_id for event in events})
        after: dict[str, Running] = {}
        for event in events:
            running = after.get(event.case_id, before.get(event.case_id, NONE))
            rules = self.rulebook.of(event.service_id)
            clocks = starts(event, rules, self.calendar, running)
            if clocks is not None:
                after[event.case_id] = {clock.kind: clock for clock in clocks}
        for_all = {case_id: before.get(case_id, NONE) for case_id in after}
        _replace(connection, _by_key(for_all), _by_key(after))


@dataclass(frozen=True, slots=True)
class SqlClocks:
    """Finds the clocks that ring, and lets them go on."""

    database: Database
    publish: Publish

    def due(self, now: datetime, most: int) -> Sequence[LegalClock]:
        """Return the clocks whose time has come, those that waited longest first."""
        with self.database.read() as connection:
            rows = connection.execute(DUE, {"now": sql.micros(now), "most": most})
            return [_clock_of(row) for row in rows]

    def advance(self, clocks: Sequence[LegalClock], alarms: Sequence[Alarm]) -> None:
        """Let clocks go on, and tell the alarms they raised; all of it or nothing.

        A clock that was stopped or started anew meanwhile is left alone.
        """
        self.database.change(lambda connection: self._advance(connection, clocks, alarms))
        for alarm in alarms:
            RANG.labels(alarm.office, alarm.ring.value).inc()

    def of(self, case_ids: Sequence[str]) -> Sequence[LegalClock]:
        """Return the clocks of cases, what is due first."""
        with self.database.read() as connection:
            rows = connection.execute(RUNNING, {"ids": case_ids})
            return sorted(map(_clock_of, rows), key=lambda clock: clock.due_time)

    def counts(self) -> Mapping[str, dict[Ring, int]]:
        """Return how often each office was late."""
        found: dict[str, dict[Ring, int]] = {}
        with self.database.read() as connection:
            for row in connection.execute(sa.select(counts_table)):
                found.setdefault(row.office, {})[Ring(row.ring)] = row.rung
        return found

    def _advance(
        self, connection: sa.Connection, clocks: Sequence[LegalClock], alarms: Sequence[Alarm]
    ) -> None:
        rows = [_named(clock) | _progress(clock) for clock in clocks]
        connection.execute(ADVANCE, rows)
        if alarms:
            connection.execute(ADD_EVENTS, [self.publish(alarm) for alarm in alarms])
            counted = [{"office": one.office, "ring": one.ring.value, "rung": 1} for one in alarms]
            counted.sort(key=lambda row: (row["office"], row["ring"]))
            connection.execute(_count(connection.dialect.name), counted)


def _running(connection: sa.Connection, case_ids: Collection[str]) -> Mapping[str, Running]:
    if not case_ids:
        return {}
    found: dict[str, dict[Kind, LegalClock]] = {}
    for row in connection.execute(RUNNING, {"ids": sorted(case_ids)}):
        clock = _clock_of(row)
        found.setdefault(clock.case_id, {})[clock.kind] = clock
    return found


def _by_key(clocks: Mapping[str, Running]) -> Mapping[tuple[str, Kind], LegalClock]:
    return {(id_, kind): one for id_, of_case in clocks.items() for kind, one in of_case.items()}


def _replace(
    connection: sa.Connection,
    before: Mapping[tuple[str, Kind], LegalClock],
    after: Mapping[tuple[str, Kind], LegalClock],
) -> None:
    kept = {key for key, clock in before.items() if key in after and _is_same(clock, after[key])}
    if gone := [_named(clock) for key, clock in before.items() if key not in kept]:
        connection.execute(STOP, gone)
    if started := [_row_of(clock) for key, clock in sorted(after.items()) if key not in kept]:
        connection.execute(START, started)


def _is_same(clock: LegalClock, other: LegalClock) -> bool:
    """Tell whether a clock that runs runs on: it keeps what it has rung."""
    is_due_alike = (clock.due_time, clock.office) == (other.due_time, other.office)
    return is_due_alike and other.next_time is not None


def _named(clock: LegalClock) -> dict[str, Any]:
    return {"of": clock.case_id, "what": clock.kind.value, "ends": sql.micros(clock.due_time)}


def _progress(clock: LegalClock) -> dict[str, Any]:
    rings = clock.next_time and sql.micros(clock.next_time)
    return {"passed": clock.step, "rings": rings}


def _row_of(clock: LegalClock) -> dict[str, Any]:
    return {
        "case_id": clock.case_id,
        "kind": clock.kind.value,
        "case_version": clock.case_version,
        "office": clock.office,
        "service_id": clock.service_id,
        "start_time": sql.micros(clock.start_time),
        "due_time": sql.micros(clock.due_time),
        "step": clock.step,
        "next_time": clock.next_time and sql.micros(clock.next_time),
    }


def _clock_of(row: Any) -> LegalClock:
    times = {name: getattr(row, name) for name in TIMES}
    read = {name: None if time is None else sql.time_of(time) for name, time in times.items()}
    return LegalClock(**{**row._asdict(), **read, "kind": Kind(row.kind)})


@lru_cache
def _count(dialect: str) -> Any:
    """Raise a count by one, or begin it."""
    insert = sql.insert_into(dialect, counts_table)
    return insert.on_conflict_do_update(
        index_elements=[counts_table.c.office, counts_table.c.ring],
        set_={"rung": counts_table.c.rung + insert.excluded.rung},
    )
