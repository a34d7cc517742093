"""The ledger: decisions, the log they are sealed in, where cases stand, and the counters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from services.audit import domain
from services.audit.domain import CaseEvent, Decision, DecisionRecord, Row, Tally
from services.audit.store import log, placing
from services.audit.store.answers import reading
from services.audit.store.tables import (
    decisions_table,
    offices_table,
    seen_table,
    services_table,
)
from services.chassis import inbox, sql
from services.chassis.database import Database

MAX_DECISIONS = 1000


@dataclass(frozen=True, slots=True)
class SqlLedger:
    """The ledger in SQL: a batch's decisions, counters and what was seen are one change."""

    database: Database

    def record(self, events: Sequence[CaseEvent]) -> None:
        """Keep the decisions of what is new and count where its cases stand."""
        self.database.change(lambda connection: _record(connection, events))

    def coverage(self) -> tuple[Sequence[Row], Sequence[Row]]:
        """Return the counters by service and by office, most cases first."""
        with reading(self.database) as connection:
            return _rows(connection, services_table), _rows(connection, offices_table)

    def decisions(self, case_id: str) -> Sequence[DecisionRecord]:
        """Return the decisions on a case, oldest first."""
        query = (
            sa.select(decisions_table)
            .where(decisions_table.c.case_id == case_id)
            .order_by(decisions_table.c.case_version)
            .limit(MAX_DECISIONS)
        )
        with self.database.read() as connection:
            rows = connection.execute(query)
            return [DecisionRecord(row.case_id, row.case_version, row.decision) for row in rows]


def _record(connection: sa.Connection, events: Sequence[CaseEvent]) -> None:
    new = inbox.take(connection, seen_table, events)
    if not new:
        return
    _keep_decisions(connection, new)
    _drop_erased(connection, new)
    placing.follow(connection, new)


def _keep_decisions(connection: sa.Connection, events: Sequence[CaseEvent]) -> None:
    told = [(event, event.decision) for event in events if event.is_known]
    rows = [decision_row(event, decision) for event, decision in told if decision is not None]
    if not rows:
        return
    sealed = [
        log.Entry(
            event.case_id,
            event.case_version,
            decision.id,
            domain.encode(event.case_id, event.case_version, decision),
        )
        for event, decision in told
        if decision is not None
    ]
    try:
        sql.add(connection, decisions_table, rows)
        log.append(connection, sealed)
    except exc.IntegrityError as error:
        raise domain.DecisionReusedError from error


def _drop_erased(connection: sa.Connection, events: Sequence[CaseEvent]) -> None:
    """Forget what analysts could ask of erased cases; their records stay sealed in the log."""
    erased = [event.case_id for event in events if event.is_erased]
    if erased:
        where = decisions_table.c.case_id.in_(erased)
        connection.execute(sa.delete(decisions_table).where(where))


def decision_row(event: CaseEvent, decision: Decision) -> dict[str, Any]:
    """Return a decision as it is kept, to be looked for."""
    return {
        "case_id": event.case_id,
        "case_version": event.case_version,
        "decision_id": decision.id,
        "event_type": event.type,
        "decision": decision.told,
        "outcome": decision.outcome,
        "actor": decision.actor,
        "service_id": decision.service_id,
        "office": decision.office,
        "channel": decision.channel,
        "model": decision.model,
        "catalogue_version": decision.catalogue_version,
        "policy_version": decision.policy_version,
        "reason_code": decision.reason_code,
        "decide_time": sql.micros(decision.decide_time),
    }


def _rows(connection: sa.Connection, table: sa.Table) -> Sequence[Row]:
    (key,) = table.primary_key.columns
    query = (
        sa.select(key.label("key"), table.c.case_count, table.c.online_case_count)
        .where(table.c.case_count > 0)
        .order_by(table.c.case_count.desc(), key)
    )
    return [
        Row(row.key, Tally(row.case_count, row.online_case_count))
        for row in connection.execute(query)
    ]
