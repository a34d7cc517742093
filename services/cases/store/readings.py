"""The record of who read citizens' words, read back."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from services.cases.domain import Reading
from services.cases.ports import ReadingFilter
from services.cases.store.tables import accesses
from services.chassis.database import Database
from services.chassis.sql import time_of


@dataclass(frozen=True, slots=True)
class SqlReadings:
    """Readings in SQL; each was written before the words were handed out."""

    database: Database

    def readings(self, wanted: ReadingFilter) -> Sequence[Reading]:
        """Find readings, newest first: ids are made in the order of time."""
        query = sa.select(accesses)
        if wanted.case_id:
            query = query.where(accesses.c.case_id == wanted.case_id)
        if wanted.subject:
            query = query.where(accesses.c.subject == wanted.subject)
        if wanted.before:
            query = query.where(accesses.c.id < wanted.before)
        query = query.order_by(accesses.c.id.desc()).limit(wanted.limit)
        with self.database.read() as connection:
            return [_reading_of(row) for row in connection.execute(query)]


def _reading_of(row: sa.Row[tuple[object, ...]]) -> Reading:
    values = row._asdict()
    return Reading(**{**values, "access_time": time_of(row.access_time)})
