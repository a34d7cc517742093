"""The idempotent consumer: what a service has seen of each case commits with what it made of it.

The other half of the transactional outbox: events come at least once, and take effect once.
"""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from services.chassis import sql, story
from services.chassis.story import Event


def seen_table(metadata: sa.MetaData) -> sa.Table:
    """Define the table of the last version seen of each case."""
    return sa.Table(
        "seen",
        metadata,
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("case_version", sa.BigInteger, nullable=False),
    )


def take(connection: sa.Connection, table: sa.Table, events: Sequence[Event]) -> Sequence[Event]:
    """Return the events that are new and mark them as seen; raises story.GapError.

    What the caller makes of them belongs into the same transaction.
    """
    new = story.fresh(events, _seen(connection, table, {event.case_id for event in events}))
    if new:
        last = {event.case_id: event.case_version for event in new}
        rows = [{"case_id": case_id, "case_version": version} for case_id, version in last.items()]
        sql.replace(connection, table, rows)
    return new


def _seen(
    connection: sa.Connection, table: sa.Table, case_ids: Collection[str]
) -> Mapping[str, int]:
    query = sa.select(table).where(table.c.case_id.in_(case_ids))
    return {row.case_id: row.case_version for row in connection.execute(query)}
