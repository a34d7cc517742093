"""Who has which case open, in SQL; what is forgotten is not kept."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.cases.domain import Opening
from services.cases.ports import Look
from services.cases.store.tables import openings
from services.chassis.database import Database
from services.chassis.sql import insert_into, micros, time_of

SWEEP = sa.delete(openings).where(openings.c.seen_time <= sa.bindparam("forgotten"))
WHOSE = sa.select(openings).where(
    openings.c.case_id == sa.bindparam("case"), openings.c.desk == sa.bindparam("at")
)


@dataclass(frozen=True, slots=True)
class SqlOpenings:
    """Openings in SQL: one for each case and desk, whoever comes first."""

    database: Database

    def open(self, look: Look, forgotten: datetime) -> Opening:
        """Open a case where nobody has since a time, or takes it over; return who has it."""
        time = micros(look.time)
        row = {
            "case_id": look.case_id,
            "desk": look.desk,
            "subject": look.subject,
            "open_time": time,
            "seen_time": time,
            "taken_from": "",
        }

        def work(connection: sa.Connection) -> Opening:
            connection.execute(SWEEP, {"forgotten": micros(forgotten)})
            connection.execute(_open(connection.dialect.name, look.takes_over), row)
            asked = {"case": look.case_id, "at": look.desk}
            return _opening_of(connection.execute(WHOSE, asked).one())

        return self.database.change(work)


@lru_cache
def _open(dialect: str, takes_over: bool) -> Any:
    """Keep an opening; where there is one, only its owner's, or one that takes it over.

    Two who come at once wait for each other here, and one of them is the first.
    """
    insert = insert_into(dialect, openings)
    new = insert.excluded
    is_own = openings.c.subject == new.subject
    changed = {
        "subject": new.subject,
        "open_time": sa.case((is_own, openings.c.open_time), else_=new.open_time),
        "seen_time": new.seen_time,
        "taken_from": sa.case((is_own, openings.c.taken_from), else_=openings.c.subject),
    }
    return insert.on_conflict_do_update(
        index_elements=[openings.c.case_id, openings.c.desk],
        set_=changed,
        where=None if takes_over else is_own,
    )


def _opening_of(row: sa.Row[tuple[object, ...]]) -> Opening:
    values = row._asdict()
    times = {name: time_of(values[name]) for name in ("open_time", "seen_time")}
    return Opening(**{**values, **times})
