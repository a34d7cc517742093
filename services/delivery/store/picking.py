"""SQL ⇄ domain: what of a subscription is sent next, by its filter as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.chassis import sql
from services.delivery.domain import FeedEntry
from services.delivery.store import entry_of, statements
from services.delivery.store.subscriptions import from_row

Found = Sequence[tuple[Any, FeedEntry]]


@dataclass(frozen=True, slots=True)
class Picked:
    """Rows of deliveries that are to be sent with their entries, and how many were let go."""

    found: Found
    let_go: int


def pick(connection: sa.Connection, row: Any, now: datetime, most: int) -> Picked:
    """Pick what may be sent now; what a filter that was narrowed since leaves out is let go.

    A page is looked at only where something was: to look costs reading the feed.
    """
    admits = from_row(row).filter.admits
    let_go = 0
    for size in (most, max(most, statements.PAGE)):
        found = _next(connection, row, now, size)
        unwanted = [delivery.sequence for delivery, entry in found if not admits(entry)]
        if not unwanted:
            break
        connection.execute(statements.ARRIVED, [{"of": row.id, "at": at} for at in unwanted])
        let_go += len(unwanted)
    wanted = [(delivery, entry) for delivery, entry in found if admits(entry)]
    return Picked(wanted[:most], let_go)


def _next(connection: sa.Connection, row: Any, now: datetime, most: int) -> Found:
    asked = {"of": row.id, "now": sql.micros(now), "most": most}
    taken = connection.execute(statements.NEXT, asked).all()
    if not taken:
        return []
    named = {"office": row.office, "sequences": [one.sequence for one in taken]}
    entries = {one.sequence: entry_of(one) for one in connection.execute(statements.ENTRIES, named)}
    return [(one, entries[one.sequence]) for one in taken]
