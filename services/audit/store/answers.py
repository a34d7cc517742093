"""What analysts ask, answered from the counters: rows of months and of days, never a case."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.audit.domain.counts import (
    BinCounts,
    Dimension,
    HandlingCounts,
    Histogram,
    QualityCounts,
)
from services.audit.domain.coverage import Noted
from services.audit.domain.demand import Period
from services.audit.domain.forecast import DayShare
from services.audit.domain.spans import days_of, spans_of
from services.audit.store import counters
from services.audit.store.analyst import LIVE, STATE, RebuildingError
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
NOTED = sa.select(register_table.c.day, register_table.c.version).limit(1)
NOTED_LAST = NOTED.where(register_table.c.day <= sa.bindparam("day")).order_by(
    register_table.c.day.desc()
)
NOTED_FIRST = NOTED.order_by(register_table.c.day)


@contextmanager
def reading(database: Database) -> Iterator[sa.Connection]:
    """Give a connection to read counters; RebuildingError while they are made anew."""
    with database.read() as connection:
        if connection.execute(STATE).scalar_one() != LIVE:
            raise RebuildingError
        yield connection


@dataclass(frozen=True, slots=True)
class SqlCounted:
    """The counters of cases, added up over months and the days beside them."""

    database: Database

    def quality(self, days: Period, by: str) -> Mapping[str, QualityCounts]:
        """Return how well the model did, by the values of a dimension."""
        rows = self._sums(quality_table, days, by)
        return {row[0]: QualityCounts(*map(int, row[1:])) for row in rows}

    def handling(self, days: Period, by: str) -> Mapping[str, HandlingCounts]:
        """Return how offices handled cases, by the values of a dimension."""
        rows = self._sums(handling_table, days, by)
        return {row[0]: HandlingCounts(*map(int, row[1:])) for row in rows}

    def bins(self, kind: Histogram, days: Period, by: str) -> Mapping[str, Mapping[int, BinCounts]]:
        """Return a histogram, by the values of a dimension."""
        told: dict[str, dict[int, BinCounts]] = {}
        of = {"histogram": str(kind), "dimension": str(by)}
        with reading(self.database) as connection:
            rows = counters.sums(connection, bins_table, ("value", "bin"), spans_of(days), of)
        for value, number, *counts in rows:
            told.setdefault(value, {})[number] = BinCounts(*map(int, counts))
        return told

    def register_days(self, days: Period) -> Sequence[DayShare]:
        """Return how many services were online on each day it was noted."""
        return [
            DayShare(date.fromisoformat(row.day), row.online_service_count, row.service_count)
            for row in self._registers(days)
        ]

    def notes(self, days: Period) -> Sequence[Noted]:
        """Return which register was noted on each day, in their order."""
        return [Noted(row.day, row.version) for row in self._registers(days)]

    def _registers(self, days: Period) -> Sequence[Any]:
        wanted = {"first": days.start.isoformat(), "last": days.end.isoformat()}
        with reading(self.database) as connection:
            return connection.execute(REGISTER, wanted).all()

    def noted(self, day: date) -> Noted | None:
        """Return which register was in force on a day, or the first that was noted at all."""
        with reading(self.database) as connection:
            row = connection.execute(NOTED_LAST, {"day": day.isoformat()}).first()
            row = row or connection.execute(NOTED_FIRST).first()
        return Noted(*row) if row else None

    def _sums(self, table: sa.Table, days: Period, by: str) -> Sequence[Any]:
        """Add up what is told by a dimension; by day, what is told of all cases."""
        is_by_day = by == Dimension.DAY
        key, of = ("day", "") if is_by_day else ("value", str(by))
        spans = [days_of(days)] if is_by_day else spans_of(days)
        with reading(self.database) as connection:
            return counters.sums(connection, table, (key,), spans, {"dimension": of})
