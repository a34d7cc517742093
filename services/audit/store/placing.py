"""Where cases stand, and the counters over it by service and office, in SQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from services.audit import domain
from services.audit.domain import CaseEvent, Placement, Shift, Tally
from services.audit.store import counters
from services.audit.store.emptying import empty
from services.audit.store.tables import (
    offices_table,
    placements_table,
    seen_table,
    services_table,
)
from services.chassis import inbox, sql
from services.chassis.database import Database

PLACED = (placements_table, services_table, offices_table)
"""Tables that hold nothing but what the topic told."""

# Made once: to build a statement costs more than to run it.
PLACEMENTS = sa.select(placements_table).where(
    placements_table.c.case_id.in_(sa.bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class SqlPlacing:
    """The places of cases made anew from the topic, while the ledger goes on with what comes.

    Of each case the last event that the ledger has seen tells where it stands: what it sees later
    is its own to count, and what it saw earlier tells of a place that was left.
    """

    database: Database
    passed: dict[str, Placement | None] = field(default_factory=dict)
    """Where cases stood before their last event, which this release may not be able to read."""

    def clear(self) -> None:
        """Forget where every case stands."""
        self.database.change(lambda connection: empty(connection, PLACED), seconds=600.0)

    def record(self, events: Sequence[CaseEvent]) -> None:
        """Place those cases whose last events are among these."""
        case_ids = {event.case_id for event in events}
        passed = {id_: self.passed[id_] for id_ in case_ids & self.passed.keys()}
        placed = self.database.change(lambda connection: _replace(connection, events, passed))
        self.passed.update(passed)
        for case_id in placed:
            del self.passed[case_id]


def _replace(
    connection: sa.Connection, events: Sequence[CaseEvent], passed: dict[str, Placement | None]
) -> Collection[str]:
    """Go through events, and place a case at the last that the ledger has seen of it."""
    seen = inbox.lock(connection, seen_table, {event.case_id for event in events})
    placed = {}
    for event in events:
        if event.tells_place:
            passed[event.case_id] = domain.placement_after(event)
        if event.case_version == seen.get(event.case_id):
            placed[event.case_id] = passed.setdefault(event.case_id, None)
    _take(connection, domain.moved(placed, _stood(connection, placed.keys())))
    return placed.keys()


def follow(connection: sa.Connection, events: Sequence[CaseEvent]) -> None:
    """Take cases to where they stand after events, and count them there."""
    before = _stood(connection, {event.case_id for event in events})
    _take(connection, domain.shift(events, before))


def _take(connection: sa.Connection, change: Shift) -> None:
    _place(connection, change.placements)
    counters.add(connection, services_table, _rows(services_table, change.services))
    counters.add(connection, offices_table, _rows(offices_table, change.offices))


def _stood(connection: sa.Connection, case_ids: Collection[str]) -> Mapping[str, Placement]:
    rows = connection.execute(PLACEMENTS, {"ids": list(case_ids)})
    return {
        row.case_id: Placement(row.service_id, row.office, row.channel, row.case_version)
        for row in rows
    }


def _place(connection: sa.Connection, placements: Mapping[str, Placement | None]) -> None:
    gone = [case_id for case_id, placement in placements.items() if placement is None]
    if gone:
        where = placements_table.c.case_id.in_(gone)
        connection.execute(sa.delete(placements_table).where(where))
    rows = [
        {"case_id": case_id, **asdict(stands)} for case_id, stands in placements.items() if stands
    ]
    if rows:
        sql.replace(connection, placements_table, rows)


def _rows(table: sa.Table, tallies: Mapping[str, Tally]) -> Sequence[Mapping[str, Any]]:
    """Return what is added to counters, in order, so that two consumers cannot wait for another."""
    (key,) = table.primary_key.columns
    return [{key.name: name, **asdict(tally)} for name, tally in sorted(tallies.items())]
