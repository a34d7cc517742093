"""What analysts are told, kept up in SQL: a batch's facts and counters are one change.

Its consumer and what it has seen are its own: the log of decisions waits for none of it, and all
of it can be made anew from the topic while the log stays as it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from services.audit.domain import CaseEvent, Register, Tally, demand, facts
from services.audit.domain.counts import HANDLING, QUALITY, Changes, changes
from services.audit.domain.drift import DriftAlarm
from services.audit.domain.facts import CaseFacts
from services.audit.ports import Announce
from services.audit.store import counters
from services.audit.store.emptying import empty
from services.audit.store.tables import (
    alarms_table,
    analyst_seen_table,
    bins_table,
    cells_table,
    facts_table,
    handling_table,
    outbox,
    quality_table,
    register_table,
    state_table,
)
from services.chassis import inbox, sql
from services.chassis.database import Database
from services.chassis.errors import UnavailableError

LIVE = "live by month"
"""The release before, which adds to no month, takes part no more once there are months."""
REBUILDING = "rebuilding"
MADE_ANEW = (
    analyst_seen_table,
    facts_table,
    cells_table,
    quality_table,
    handling_table,
    bins_table,
)
"""Tables that hold nothing but what the topic told."""
FACTS = tuple(one.name for one in fields(CaseFacts))
OF_FACTS = attrgetter(*FACTS)
CELL = ("region", "language", "service_id", "day", "case_count", "online_case_count")
BINS = ("case_count", "right_count", "score_millionths")

# Made once: to build a statement costs more than to run it.
KNOWN = sa.select(facts_table).where(facts_table.c.case_id.in_(sa.bindparam("ids", expanding=True)))
RUNG = sa.select(alarms_table.c.alarm_id).where(
    alarms_table.c.alarm_id.in_(sa.bindparam("ids", expanding=True))
)
STATE = sa.select(state_table.c.state).where(state_table.c.id == 1)


class RebuildingError(UnavailableError):
    """What analysts are told is being made anew."""

    reason = "REBUILDING"


@dataclass(frozen=True, slots=True)
class SqlAnalyst:
    """The facts of cases and the counters over them."""

    database: Database
    state: str = LIVE
    """Which events it may take: those of its consumer, or those of a rebuilding."""

    def record(self, events: Sequence[CaseEvent]) -> None:
        """Follow what is new; raises RebuildingError while somebody else does."""
        self.database.change(lambda connection: self._record(connection, events))

    def clear(self) -> None:
        """Forget everything that the topic told, and hold off the consumer.

        First all are turned away, so that nobody is told half of it; what breaks off is begun
        again.
        """
        self._turn(REBUILDING)
        self.database.change(
            lambda connection: empty(connection, MADE_ANEW, behind=state_table), seconds=600.0
        )

    def go_live(self) -> None:
        """Let the consumer go on."""
        self._turn(LIVE)

    def note_register(self, day: str, register: Register) -> None:
        """Keep how many services were online on a day; the last word of a day stands."""
        row = {
            "day": day,
            "version": register.version,
            "service_count": register.service_count,
            "online_service_count": register.online_service_count,
        }
        self.database.change(lambda connection: sql.replace(connection, register_table, [row]))

    def ring(self, alarms: Sequence[DriftAlarm], announce: Announce, now: datetime) -> None:
        """Announce alarms that were not announced before."""

        def work(connection: sa.Connection) -> None:
            known = set(connection.execute(RUNG, {"ids": [one.id for one in alarms]}).scalars())
            new = [alarm for alarm in alarms if alarm.id not in known]
            if new:
                sql.add(connection, alarms_table, [{"alarm_id": alarm.id} for alarm in new])
                sql.add(connection, outbox, [announce(alarm, now) for alarm in new])

        self.database.change(work)

    def _turn(self, state: str) -> None:
        turning = sa.update(state_table).values(state=state)
        self.database.change(lambda connection: connection.execute(turning))

    def _record(self, connection: sa.Connection, events: Sequence[CaseEvent]) -> None:
        if connection.execute(STATE).scalar_one() != self.state:
            raise RebuildingError
        new = inbox.take(connection, analyst_seen_table, events)
        if not new:
            return
        before = _known(connection, {event.case_id for event in new})
        after = facts.follow(new, before)
        _keep(connection, after)
        counters.add(connection, cells_table, _cells(demand.cells(before, after)))
        _count(connection, changes(before, after))


def _known(connection: sa.Connection, case_ids: Collection[str]) -> Mapping[str, CaseFacts]:
    rows = connection.execute(KNOWN, {"ids": sorted(case_ids)})
    return {row[0]: CaseFacts(**dict(zip(FACTS, row[1:], strict=True))) for row in rows}


def _keep(connection: sa.Connection, after: Mapping[str, CaseFacts | None]) -> None:
    gone = [case_id for case_id, told in after.items() if told is None]
    if gone:
        connection.execute(sa.delete(facts_table).where(facts_table.c.case_id.in_(gone)))
    columns = ("case_id", *FACTS)
    rows = [
        dict(zip(columns, (case_id, *OF_FACTS(told)), strict=True))
        for case_id, told in after.items()
        if told
    ]
    sql.replace(connection, facts_table, rows)


def _cells(changed: Mapping[demand.Cell, Tally]) -> Sequence[Mapping[str, Any]]:
    return [
        dict(zip(CELL, (*cell, tally.case_count, tally.online_case_count), strict=True))
        for cell, tally in sorted(changed.items())
    ]


def _count(connection: sa.Connection, changed: Changes) -> None:
    """Add to the counters, one statement for each table."""
    place = ("dimension", "value", "day")
    told = ("histogram", *place, "bin")
    counters.add(connection, quality_table, _rows(changed.quality, place, QUALITY))
    counters.add(connection, handling_table, _rows(changed.handling, place, HANDLING))
    counters.add(connection, bins_table, _rows(changed.bins, told, BINS))


def _rows(
    changed: Mapping[Any, Sequence[int]], keys: Sequence[str], names: Sequence[str]
) -> Sequence[Mapping[str, Any]]:
    columns = (*keys, *names)
    return [
        dict(zip(columns, (*place, *counts), strict=True))
        for place, counts in sorted(changed.items())
        if any(counts)
    ]
