"""SQL ⇄ domain: the messages to citizens; who was told what, when and how it ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.chassis import sql
from services.chassis.database import Database
from services.delivery.domain.notices import (
    NO_CONTACT,
    Channel,
    Kept,
    Notice,
    NoticeState,
    Told,
    silent,
)
from services.delivery.store.tables import notices as table

NOW: sa.BindParameter[int] = sa.bindparam("now")
_earlier = table.alias()
IS_BEHIND_ANOTHER = sa.exists().where(
    _earlier.c.case_id == table.c.case_id,
    _earlier.c.case_version < table.c.case_version,
    _earlier.c.state == NoticeState.DUE,
)
"""Whether an earlier message of the case is still to be told, or is being told."""
DUE = (
    sa.select(table)
    .where(table.c.state == NoticeState.DUE, table.c.due <= NOW, ~IS_BEHIND_ANOTHER)
    .order_by(table.c.due)
    .limit(sa.bindparam("most"))
)
LOCKED = DUE.with_for_update(skip_locked=True)
THIS = (table.c.case_id == sa.bindparam("of")) & (table.c.case_version == sa.bindparam("at"))
LEASE = sa.update(table).where(THIS).values(due=sa.bindparam("until"))

OF_CASE = (
    sa.select(table).where(table.c.case_id == sa.bindparam("of")).order_by(table.c.case_version)
)
OF_CASES = (
    sa.select(table.c.case_id, table.c.case_version, table.c.code)
    .where(table.c.case_id.in_(sa.bindparam("these", expanding=True)))
    .order_by(table.c.case_version)
)
FORGET = sa.delete(table).where(table.c.case_id.in_(sa.bindparam("these", expanding=True)))


@dataclass(frozen=True, slots=True)
class SqlNotices:
    """The messages in SQL; fits the port Notices. A lease is a due time in the near future."""

    database: Database

    def add(self, notices: Sequence[Notice], now: datetime) -> int:
        """Keep what is new to be told; return how much of what was brought has somewhere to go."""
        if not notices:
            return 0
        return self.database.change(lambda connection: _add(connection, notices, sql.micros(now)))

    def claim(self, most: int, now: datetime, until: datetime) -> Sequence[Notice]:
        """Take what is due, for this member alone until a time."""
        asked = {"now": sql.micros(now), "most": most}
        with self.database.read() as connection:
            if connection.execute(DUE, asked).first() is None:
                return []
        return self.database.change(lambda connection: _claim(connection, asked, until))

    def record(self, notice: Notice, told: Told) -> None:
        """Keep what became of an attempt."""
        done = (
            sa.update(table)
            .where(THIS)
            .values(
                state=told.state,
                code=told.code,
                channel=told.channel,
                attempts=notice.attempts + 1,
                attempt_time=sql.micros(told.time),
                due=sql.micros(told.due),
            )
        )
        this = {"of": notice.case_id, "at": notice.case_version}
        self.database.change(lambda connection: connection.execute(done, this) and None)

    def forget(self, case_ids: Collection[str]) -> None:
        """Forget all messages of cases, which were erased."""
        if case_ids:
            these = {"these": sorted(case_ids)}
            self.database.change(lambda connection: connection.execute(FORGET, these) and None)

    def of(self, case_id: str) -> Sequence[Kept]:
        """Return what is known of a case's messages, in their order."""
        with self.database.read() as connection:
            return [_kept(row) for row in connection.execute(OF_CASE, {"of": case_id})]


def _add(connection: sa.Connection, notices: Sequence[Notice], now: int) -> int:
    these = sorted({notice.case_id for notice in notices})
    rows = connection.execute(OF_CASES, {"these": these})
    newest = {row.case_id: (row.case_version, row.code) for row in rows}
    dropped = silent(notices, newest)
    sql.ensure(connection, table, [_row(one, now, dropped=one.id in dropped) for one in notices])
    return len(notices) - len(dropped)


def _claim(connection: sa.Connection, asked: dict[str, int], until: datetime) -> Sequence[Notice]:
    rows = connection.execute(LOCKED, asked).all()
    if rows:
        leased = sql.micros(until)
        connection.execute(
            LEASE, [{"of": row.case_id, "at": row.case_version, "until": leased} for row in rows]
        )
    return [_notice(row) for row in rows]


def _row(notice: Notice, now: int, *, dropped: bool) -> dict[str, Any]:
    return {
        "case_id": notice.case_id,
        "case_version": notice.case_version,
        "template": notice.template,
        "languages": ",".join(notice.languages),
        "number": notice.number,
        "office": notice.office,
        "state": NoticeState.DROPPED if dropped else NoticeState.DUE,
        "channel": "",
        "code": NO_CONTACT if dropped else "",
        "attempts": 0,
        "create_time": now,
        "attempt_time": 0,
        "due": now,
    }


def _notice(row: Any) -> Notice:
    return Notice(
        case_id=row.case_id,
        case_version=row.case_version,
        template=row.template,
        languages=tuple(row.languages.split(",")),
        number=row.number,
        office=row.office,
        attempts=row.attempts,
    )


def _kept(row: Any) -> Kept:
    return Kept(
        case_version=row.case_version,
        template=row.template,
        languages=tuple(row.languages.split(",")),
        channel=Channel(row.channel),
        state=NoticeState(row.state),
        code=row.code,
        attempts=row.attempts,
        create_time=sql.time_of(row.create_time),
        attempt_time=sql.time_of(row.attempt_time) if row.attempts else None,
        due_time=sql.time_of(row.due) if row.state == NoticeState.DUE else None,
    )
