"""SQL ⇄ domain: the feeds, their ends, what was seen of each case, and what goes to the topics.

Times are microseconds.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.chassis import inbox, sql
from services.chassis.database import Database
from services.chassis.outbox import leases_table, outbox_table
from services.delivery import domain
from services.delivery.domain import CaseEvent, FeedEntry
from services.delivery.store.tables import metadata

offices_table = sa.Table(
    "offices",
    metadata,
    sa.Column("office", sa.Text, primary_key=True),
    sa.Column("last_sequence", sa.BigInteger, nullable=False),
)

feed_table = sa.Table(
    "feed",
    metadata,
    sa.Column("office", sa.Text, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("case_version", sa.BigInteger, nullable=False),
    sa.Column("event", sa.LargeBinary, nullable=False),
    sa.Column("enqueue_time", sa.BigInteger, nullable=False),
)

seen_table = inbox.seen_table(metadata)
outbox = outbox_table(metadata)
leases = leases_table(metadata)

# Each made once: to build a statement costs more than to run it.
ADD_ENTRIES = sa.insert(feed_table)
ADD_EVENTS = sa.insert(outbox)
RAISE_END = (
    sa.update(offices_table)
    .where(offices_table.c.office == sa.bindparam("of"))
    .values(last_sequence=sa.bindparam("end"))
)
PAGE = (
    sa.select(feed_table)
    .where(feed_table.c.office == sa.bindparam("of"), feed_table.c.sequence > sa.bindparam("after"))
    .order_by(feed_table.c.sequence)
    .limit(sa.bindparam("most"))
)
ENDS = sa.select(offices_table).where(
    offices_table.c.office.in_(sa.bindparam("offices", expanding=True))
)
# Sorted, so that two consumers on a server database cannot wait for each other.
ENDS_TO_RAISE = ENDS.order_by(offices_table.c.office).with_for_update()

Publish = Callable[[FeedEntry, Mapping[str, str]], dict[str, Any]]
"""Makes the outbox row of an entry, given its event's envelope; the store knows no wire."""


Wind = Callable[[sa.Connection, Sequence[CaseEvent]], None]
"""Starts and stops the clocks of new events' cases, in the transaction that takes the events."""


def no_clocks(connection: sa.Connection, events: Sequence[CaseEvent]) -> None:
    """Let no clock run."""


@dataclass(frozen=True, slots=True)
class SqlFeeds:
    """The feeds in SQL: a batch's entries, their publication and what was seen are one change."""

    database: Database
    publish: Publish
    wind: Wind = no_clocks

    def append(self, events: Sequence[CaseEvent], now: datetime) -> Sequence[FeedEntry]:
        """Put what is new into the feeds it belongs to; return that, each feed's in order."""
        return self.database.change(lambda connection: self._append(connection, events, now))

    def page(self, office: str, after: int, limit: int) -> Sequence[FeedEntry]:
        """Return the next events of an office's feed, in order."""
        wanted = {"of": office, "after": after, "most": limit}
        with self.database.read() as connection:
            return [entry_of(row) for row in connection.execute(PAGE, wanted)]

    def ends(self, offices: Collection[str]) -> Mapping[str, int]:
        """Return the last sequence of each of these feeds; those without events are left out."""
        with self.database.read() as connection:
            return _ends(connection, offices)

    def _append(
        self, connection: sa.Connection, events: Sequence[CaseEvent], now: datetime
    ) -> Sequence[FeedEntry]:
        new = inbox.take(connection, seen_table, events)
        self.wind(connection, new)
        offices = sorted({office for event in new for office in domain.recipients(event)})
        if not offices:
            return []
        entries = domain.enqueue(new, _lock_ends(connection, offices), now)
        envelopes = {(event.case_id, event.case_version): event.envelope for event in new}
        rows = [
            self.publish(entry, envelopes[entry.case_id, entry.case_version]) for entry in entries
        ]
        connection.execute(ADD_ENTRIES, [_row_of(entry) for entry in entries])
        connection.execute(ADD_EVENTS, rows)
        ends = {entry.office: entry.sequence for entry in entries}
        connection.execute(RAISE_END, [{"of": office, "end": end} for office, end in ends.items()])
        return entries


def _lock_ends(connection: sa.Connection, offices: Sequence[str]) -> Mapping[str, int]:
    """Read the ends to count on from; nobody else may raise them before our commit."""
    new = [{"office": office, "last_sequence": 0} for office in offices]
    sql.ensure(connection, offices_table, new)
    rows = connection.execute(ENDS_TO_RAISE, {"offices": offices})
    return {row.office: row.last_sequence for row in rows}


def _ends(connection: sa.Connection, offices: Collection[str]) -> Mapping[str, int]:
    rows = connection.execute(ENDS, {"offices": list(offices)})
    return {row.office: row.last_sequence for row in rows}


def _row_of(entry: FeedEntry) -> dict[str, Any]:
    return {**asdict(entry), "enqueue_time": sql.micros(entry.enqueue_time)}


def entry_of(row: Any) -> FeedEntry:
    """Return a row of the feed as its entry."""
    values = row._asdict()
    return FeedEntry(**{**values, "enqueue_time": sql.time_of(row.enqueue_time)})
