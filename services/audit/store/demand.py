"""The demand in SQL: the cells that cases are counted in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.audit.domain import Tally
from services.audit.domain.demand import ALL, Question, Sum
from services.audit.store.answers import reading
from services.audit.store.tables import cells_table
from services.chassis.database import Database

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
        with reading(self.database) as connection:
            rows = connection.execute(_adding_up(question))
            return [
                Sum(row[0], row[1], row[2], row[3], Tally(int(row.cases), int(row.online)))
                for row in rows
                if row.cases
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
