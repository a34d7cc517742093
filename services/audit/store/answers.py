"""What analysts ask, answered from the counters: each answer reads rows of days, never a case."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.audit.domain.counts import (
    HANDLING,
    QUALITY,
    BinCounts,
    Dimension,
    HandlingCounts,
    Histogram,
    QualityCounts,
)
from services.audit.domain.demand import Period
from services.audit.domain.forecast import DayShare
from services.audit.store.analyst import BINS, LIVE, STATE, RebuildingError
from services.audit.store.tables import (
    bins_table,
    handling_table,
    quality_table,
    register_table,
)
from services.chassis.database import Database

REGISTER = (
    sa.select(register_table)
    .where(register_table.c.day.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(register_table.c.day)
)


@contextmanager
def reading(database: Database) -> Iterator[sa.Connection]:
    """Give a connection to read counters; RebuildingError while they are made anew."""
    with database.read() as connection:
        if connection.execute(STATE).scalar_one() != LIVE:
            raise RebuildingError
        yield connection


@dataclass(frozen=True, slots=True)
class SqlCounted:
    """The counters of cases, added up over days."""

    database: Database

    def quality(self, days: Period, by: str) -> Mapping[str, QualityCounts]:
        """Return how well the model did, by the values of a dimension."""
        rows = self._sums(quality_table, QUALITY, days, by)
        return {row[0]: QualityCounts(*map(int, row[1:])) for row in rows}

    def handling(self, days: Period, by: str) -> Mapping[str, HandlingCounts]:
        """Return how offices handled cases, by the values of a dimension."""
        rows = self._sums(handling_table, HANDLING, days, by)
        return {row[0]: HandlingCounts(*map(int, row[1:])) for row in rows}

    def bins(self, kind: Histogram, days: Period, by: str) -> Mapping[str, Mapping[int, BinCounts]]:
        """Return a histogram, by the values of a dimension."""
        told: dict[str, dict[int, BinCounts]] = {}
        wanted = {"kind": str(kind), **_wanted(days, by)}
        with reading(self.database) as connection:
            for row in connection.execute(_adding_bins(), wanted):
                told.setdefault(row[0], {})[row[1]] = BinCounts(*map(int, row[2:]))
        return told

    def register_days(self, days: Period) -> Sequence[DayShare]:
        """Return how many services were online on each day it was noted."""
        wanted = {"first": days.start.isoformat(), "last": days.end.isoformat()}
        with reading(self.database) as connection:
            rows = connection.execute(REGISTER, wanted)
            return [
                DayShare(date.fromisoformat(row.day), row.online_service_count, row.service_count)
                for row in rows
            ]

    def _sums(
        self, table: sa.Table, names: tuple[str, ...], days: Period, by: str
    ) -> Sequence[Any]:
        key = "day" if by == Dimension.DAY else "value"
        with reading(self.database) as connection:
            return connection.execute(_adding(table, names, key), _wanted(days, by)).all()


def _wanted(days: Period, by: str) -> Mapping[str, str]:
    """Return what names the rows: by day, those of all cases."""
    return {
        "of": "" if by == Dimension.DAY else str(by),
        "first": days.start.isoformat(),
        "last": days.end.isoformat(),
    }


@lru_cache  # to build a statement costs more than to run it
def _adding(table: sa.Table, names: tuple[str, ...], key: str) -> sa.Select[Any]:
    return _of_days(sa.select(table.c[key], *_sums_of(table, names)), table).group_by(table.c[key])


@lru_cache
def _adding_bins() -> sa.Select[Any]:
    table = bins_table
    query = sa.select(table.c.value, table.c.bin, *_sums_of(table, BINS))
    wanted = table.c.histogram == sa.bindparam("kind")
    return _of_days(query.where(wanted), table).group_by(table.c.value, table.c.bin)


def _sums_of(table: sa.Table, names: tuple[str, ...]) -> list[Any]:
    return [sa.func.sum(table.c[name]) for name in names]


def _of_days(query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    days = table.c.day.between(sa.bindparam("first"), sa.bindparam("last"))
    return query.where(table.c.dimension == sa.bindparam("of")).where(days)
