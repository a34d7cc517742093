"""The demand in SQL: what each case asks for, and the cells it is counted in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from services.audit.domain import CaseEvent, Tally, demand
from services.audit.domain.demand import ALL, Cell, Demand, Question, Sum
from services.audit.store import counters
from services.audit.store.tables import cells_table, demand_table
from services.chassis import sql
from services.chassis.database import Database

# Made once: to build a statement costs more than to run it.
KNOWN = sa.select(demand_table).where(
    demand_table.c.case_id.in_(sa.bindparam("ids", expanding=True))
)
KEYS = ("region", "language", "service_id", "day")
COUNTS = [
    sa.func.sum(cells_table.c.case_count).label("cases"),
    sa.func.sum(cells_table.c.online_case_count).label("online"),
]


@dataclass(frozen=True, slots=True)
class SqlDemand:
    """The demand as it was counted along."""

    database: Database

    def sums(self, question: Question) -> Sequence[Sum]:
        """Add up the cells a question asks for; what comes to nothing is left out."""
        with self.database.read() as connection:
            rows = connection.execute(_adding_up(question))
            return [
                Sum(row[0], row[1], row[2], row[3], Tally(int(row.cases), int(row.online)))
                for row in rows
                if row.cases
            ]


def follow(connection: sa.Connection, events: Sequence[CaseEvent]) -> None:
    """Follow what the cases of a batch ask for, and count it."""
    before = _known(connection, {event.case_id for event in events})
    after = demand.follow(events, before)
    _keep(connection, after)
    counters.add(connection, cells_table, _rows(demand.cells(before, after)))


def _known(connection: sa.Connection, case_ids: Collection[str]) -> Mapping[str, Demand]:
    rows = connection.execute(KNOWN, {"ids": sorted(case_ids)}).mappings()
    return {
        row["case_id"]: Demand(**{name: row[name] for name in Demand.__dataclass_fields__})
        for row in rows
    }


def _keep(connection: sa.Connection, after: Mapping[str, Demand | None]) -> None:
    gone = [case_id for case_id, asked in after.items() if asked is None]
    if gone:
        connection.execute(sa.delete(demand_table).where(demand_table.c.case_id.in_(gone)))
    rows = [{"case_id": case_id, **asdict(asked)} for case_id, asked in after.items() if asked]
    sql.replace(connection, demand_table, rows)


def _rows(changes: Mapping[Cell, Tally]) -> Sequence[Mapping[str, Any]]:
    return [
        {**dict(zip(KEYS, cell, strict=True)), **asdict(tally)}
        for cell, tally in sorted(changes.items())
    ]


def _adding_up(question: Question) -> sa.Select[Any]:
    table = cells_table.c
    told = [table[name] for name in KEYS if name in question.by]
    order = ("day", "service_id", "language", "region")
    columns = [table[name] if name in question.by else sa.literal("") for name in order]
    days = question.period
    return (
        sa.select(*columns, *COUNTS)
        .where(_told(table.region, question.region, question.by))
        .where(_told(table.language, question.language, question.by))
        .where(_services(question))
        .where(table.day.between(days.start.isoformat(), days.end.isoformat()))
        .group_by(*told)
        .order_by(*told)
    )


def _told(column: Any, wanted: str, by: Collection[str]) -> Any:
    """Take the cells of one value, of each, or of all values summed up."""
    if wanted:
        return column == wanted
    return column != ALL if column.name in by else column == ALL


def _services(question: Question) -> Any:
    column = cells_table.c.service_id
    if question.services is not None:
        return column.in_(sorted(question.services))
    return _told(column, "", question.by)
