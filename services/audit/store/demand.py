"""The demand in SQL: the cells that cases are counted in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.audit.domain import Tally
from services.audit.domain.demand import ALL, Interval, Question, Sum
from services.audit.store.answers import reading
from services.audit.store.tables import cells_table
from services.chassis.database import Database

KEYS = ("region", "language", "service_id", "day")
TOLD = ("day", "service_id", "language", "region")
CELLS = cells_table.c


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
    wanted: dict[str, Any] = {
        "regions": _regions(connection, question),
        "languages": _languages(connection, question),
        "first": question.period.start.isoformat(),
        "last": question.period.end.isoformat(),
    }
    if question.services is not None:
        wanted["services"] = sorted(question.services)
    adding = _adding_up(question.by, of_some=question.services is not None)
    rows = _by_interval(connection.execute(adding, wanted).all(), question.interval)
    for (day, service, language, region), (cases, online) in rows:
        if cases:
            yield Sum(day, service, language, region, Tally(int(cases), int(online)), group)


def _by_interval(rows: Iterable[Any], interval: Interval) -> Iterable[tuple[Any, Sequence[int]]]:
    """Add up what lies in the same interval."""
    if interval is Interval.DAY:
        return ((row[:4], row[4:]) for row in rows)
    found: dict[tuple[str, ...], list[int]] = {}
    for day, service, language, region, cases, online in rows:
        sums = found.setdefault((interval.begin(day), service, language, region), [0, 0])
        sums[0] += cases
        sums[1] += online
    return found.items()


def _by_group(
    connection: sa.Connection, question: Question, groups: Mapping[str, str]
) -> Iterator[tuple[str, Question]]:
    """Give the question of each group: a sum over few services reads their cells alone."""
    place = {"region": question.region or ALL, "language": question.language or ALL}
    held: dict[str, set[str]] = {}
    for service in _values(connection, SERVICES, place):
        if question.services is None or service in question.services:
            held.setdefault(groups.get(service, ""), set()).add(service)
    for group, services in sorted(held.items()):
        by = question.by - {"service_id"}
        yield group, replace(question, services=services, by=by, groups=None)


@lru_cache(100)  # to build a statement costs more than to run it
def _adding_up(by: frozenset[str], *, of_some: bool) -> sa.Select[Any]:
    told = [CELLS[name] for name in KEYS if name in by]
    columns = [CELLS[name] if name in by else sa.literal("") for name in TOLD]
    counts = (sa.func.sum(CELLS.case_count), sa.func.sum(CELLS.online_case_count))
    return (
        sa.select(*columns, *counts)
        .where(
            CELLS.region.in_(sa.bindparam("regions", expanding=True)),
            CELLS.language.in_(sa.bindparam("languages", expanding=True)),
            _services(by, of_some=of_some),
            CELLS.day.between(sa.bindparam("first"), sa.bindparam("last")),
        )
        .group_by(*told)
        .order_by(*told)
    )


def _services(by: frozenset[str], *, of_some: bool) -> Any:
    """Take the cells of some services, of each, or of all summed up."""
    if of_some:
        return CELLS.service_id.in_(sa.bindparam("services", expanding=True))
    return CELLS.service_id != ALL if "service_id" in by else CELLS.service_id == ALL


def _regions(connection: sa.Connection, question: Question) -> Sequence[str]:
    """Take the cells of one region, of each, or of all summed up."""
    if "region" in question.by and not question.region:
        return _values(connection, REGIONS)
    return [question.region or ALL]


def _languages(connection: sa.Connection, question: Question) -> Sequence[str]:
    """Take the cells of one language, of each, or of all summed up."""
    if "language" in question.by and not question.language:
        return _values(connection, LANGUAGES)
    return [question.language or ALL]


def _leaping(column: sa.Column[str], *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Find the values of a column at the front of the key, each by a leap behind the one before.

    Named in the question they let it leap as well, where "any but the sum" reads every cell.
    """
    begin = sa.select(sa.func.min(column).label("value")).where(*where)
    known = begin.cte("known", recursive=True)
    behind = sa.select(sa.func.min(column)).where(*where, column > known.c.value)
    going_on = sa.select(behind.scalar_subquery()).where(known.c.value.is_not(None))
    known = known.union_all(going_on)
    return sa.select(known.c.value).where(known.c.value.is_not(None))


REGIONS = _leaping(CELLS.region)
LANGUAGES = _leaping(CELLS.language, CELLS.region == ALL)
SERVICES = _leaping(
    CELLS.service_id,
    CELLS.region == sa.bindparam("region"),
    CELLS.language == sa.bindparam("language"),
)


def _values(
    connection: sa.Connection, leaping: sa.Select[Any], place: Mapping[str, str] | None = None
) -> list[str]:
    """Return the values of a column, but the sum of all."""
    found = connection.execute(leaping, place or {}).scalars()
    return [value for value in found if value != ALL]
