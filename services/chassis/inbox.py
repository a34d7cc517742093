"""The idempotent consumer: what a service has seen of each case commits with what it made of it.

The other half of the transactional outbox: events come at least once, and take effect once.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.chassis import sql, story
from services.chassis.story import Event


def seen_table(metadata: sa.MetaData, name: str = "seen") -> sa.Table:
    """Define the table of the last version seen of each case."""
    return sa.Table(
        name,
        metadata,
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("case_version", sa.BigInteger, nullable=False),
    )


def take(connection: sa.Connection, table: sa.Table, events: Sequence[Event]) -> Sequence[Event]:
    """Return the events that are new and mark them as seen; raises story.GapError.

    What the caller makes of them belongs into the same transaction. Where two
    consumers bring events of one case, the second waits and finds them seen.
    """
    begun = sorted({event.case_id for event in events if event.case_version == 1})
    if begun:  # only a row that exists can be locked
        rows = [{"case_id": case_id, "case_version": 0} for case_id in begun]
        sql.ensure(connection, table, rows)
    seen = lock(connection, table, {event.case_id for event in events})
    new = story.fresh(events, seen)
    if new:
        last = {event.case_id: event.case_version for event in new}
        rows = [{"case_id": case_id, "case_version": version} for case_id, version in last.items()]
        sql.replace(connection, table, rows)
    return new


def lock(
    connection: sa.Connection, table: sa.Table, case_ids: Collection[str]
) -> Mapping[str, int]:
    """Return the last version seen of cases; nobody sees more until the transaction ends."""
    rows = connection.execute(_locking(table), {"ids": sorted(case_ids)})
    return {row.case_id: row.case_version for row in rows}


@lru_cache(100)
def _locking(table: sa.Table) -> sa.Select[Any]:
    wanted = table.c.case_id.in_(sa.bindparam("ids", expanding=True))
    # In order, so that two consumers cannot wait for each other.
    return sa.select(table).where(wanted).order_by(table.c.case_id).with_for_update()
