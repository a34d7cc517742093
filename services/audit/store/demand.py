"""The demand in SQL: the cells that cases are counted in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
            if question.groups is None:
                return list(_sums(connection, question))
            return [
                one
                for group, asked in _by_group(connection, question, question.groups)
                for one in _sums(connection, asked, group)
            ]


def _sums(connection: sa.Connection, question: Question, group: str | None = None) -> Iterator[Sum]:
    found = connection.execute(_adding_up(connection, question)).all()
    for day, service, language, region, cases, online in found:
        if cases:
            yield Sum(day, service, language, region, Tally(int(cases), int(online)), group)


def _by_group(
    connection: sa.Connection, question: Question, groups: Mapping[str, str]
) -> Iterator[tuple[str, Question]]:
    """Give the question of each group: a sum over few services reads their cells alone."""
    column = cells_table.c.service_id
    held: dict[str, set[str]] = {}
    for service in _values(connection, column, *_places(connection, question)):
        if question.services is None or service in question.services:
            held.setdefault(groups.get(service, ""), set()).add(service)
    for group, services in sorted(held.items()):
        by = question.by - {column.name}
        yield group, replace(question, services=services, by=by, groups=None)


def _adding_up(connection: sa.Connection, question: Question) -> sa.Select[Any]:
    table = cells_table.c
    told = [table[name] for name in KEYS if name in question.by]
    order = ("day", "service_id", "language", "region")
    columns = [table[name] if name in question.by else sa.literal("") for name in order]
    days = question.period
    return (
        sa.select(*columns, *COUNTS)
        .where(*_places(connection, question))
        .where(_services(question))
        .where(table.day.between(days.start.isoformat(), days.end.isoformat()))
        .group_by(*told)
        .order_by(*told)
    )


def _places(connection: sa.Connection, question: Question) -> Sequence[Any]:
    """Take the cells of one region and language, of each, or of all summed up."""
    table = cells_table.c
    regions = [question.region] if question.region else [ALL]
    if "region" in question.by and not question.region:
        regions = _values(connection, table.region)
    languages = [question.language] if question.language else [ALL]
    if "language" in question.by and not question.language:
        languages = _values(connection, table.language, table.region == ALL)
    return table.region.in_(regions), table.language.in_(languages)


def _values(connection: sa.Connection, column: Any, *where: Any) -> list[str]:
    """Return the values of a column at the front of the key, but the sum of them, each by a leap.

    Named in the question they let it leap as well, where "any but the sum" reads every cell.
    """
    found: list[str] = []
    value = connection.execute(sa.select(sa.func.min(column)).where(*where)).scalar()
    while value is not None:
        found.append(value)
        value = connection.execute(
            sa.select(sa.func.min(column)).where(*where, column > value)
        ).scalar()
    return [value for value in found if value != ALL]


def _services(question: Question) -> Any:
    """Take the cells of some services, of each, or of all summed up."""
    column = cells_table.c.service_id
    if question.services is not None:
        return column.in_(sorted(question.services))
    return column != ALL if "service_id" in question.by else column == ALL
