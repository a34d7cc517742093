"""The statements of webhooks, each made once: to build one costs more than to run it."""

from typing import Any

import sqlalchemy as sa

from services.delivery.domain.subscriptions import Kind, State
from services.delivery.store import feed_table, offices_table, tables
from services.delivery.store.subscriptions import NEVER

PAGE = 200
MAX_READY = 500
"""Events that may be sent now, planned ahead for one subscription; the rest wait in the feed.

What waits behind an earlier event of its case may not be sent now, and takes nobody's room.
"""
MAX_WAITING = 100_000
"""Events planned for one subscription at all, but for those behind dead letters.

Only its office can move those: counted, they would end deliveries of all other cases one day.
"""

subscriptions, deliveries, attempts = tables.subscriptions, tables.deliveries, tables.attempts
earlier = deliveries.alias("earlier")

ACTIVE = (subscriptions.c.kind == Kind.WEBHOOK) & (subscriptions.c.state == State.ACTIVE)
BEHIND = (
    sa.select(subscriptions.c.id)
    .join(offices_table, offices_table.c.office == subscriptions.c.office)
    .where(ACTIVE, subscriptions.c.position < offices_table.c.last_sequence)
)
LOCKED = (
    sa.select(subscriptions)
    .where(subscriptions.c.id == sa.bindparam("of"), ACTIVE)
    .with_for_update()
)
FOLLOWING = (
    sa.select(feed_table)
    .where(
        feed_table.c.office == sa.bindparam("office"), feed_table.c.sequence > sa.bindparam("after")
    )
    .order_by(feed_table.c.sequence)
    .limit(PAGE)
)
NOW: sa.BindParameter[int] = sa.bindparam("now")
WAITING = ~deliveries.c.is_dead & (deliveries.c.subscription_id == sa.bindparam("of"))
IS_DUE = ~deliveries.c.is_dead & (deliveries.c.due <= NOW) & (deliveries.c.leased_until <= NOW)
IS_EARLIER = (
    (earlier.c.subscription_id == deliveries.c.subscription_id)
    & (earlier.c.case_id == deliveries.c.case_id)
    & (earlier.c.sequence < deliveries.c.sequence)
)
IS_BEHIND_ANOTHER = sa.exists().where(IS_EARLIER)
IS_BEHIND_A_DEAD_LETTER = sa.exists().where(IS_EARLIER, earlier.c.is_dead)
DUE = (
    sa.select(subscriptions)
    .where(
        ACTIVE,
        subscriptions.c.held_until <= NOW,
        sa.exists().where(
            deliveries.c.subscription_id == subscriptions.c.id, IS_DUE, ~IS_BEHIND_ANOTHER
        ),
    )
    .order_by(subscriptions.c.id)
)
READY = WAITING & (deliveries.c.due <= NOW) & ~IS_BEHIND_ANOTHER
NEXT = (
    sa.select(deliveries)
    .where(deliveries.c.subscription_id == sa.bindparam("of"), IS_DUE, ~IS_BEHIND_ANOTHER)
    .order_by(deliveries.c.due, deliveries.c.sequence)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True, of=deliveries)
)
ENTRIES = sa.select(feed_table).where(
    feed_table.c.office == sa.bindparam("office"),
    feed_table.c.sequence.in_(sa.bindparam("sequences", expanding=True)),
)
THIS = (deliveries.c.subscription_id == sa.bindparam("of")) & (
    deliveries.c.sequence == sa.bindparam("at")
)
LEASE = (
    sa.update(deliveries)
    .where(THIS)
    .values(leased_until=sa.bindparam("until"), holder=sa.bindparam("by"))
)
ARRIVED = sa.delete(deliveries).where(THIS)
FAILED = (
    sa.update(deliveries)
    .where(THIS, deliveries.c.holder == sa.bindparam("by"))
    .values(
        attempts=sa.bindparam("tried"),
        due=sa.bindparam("then"),
        is_dead=sa.bindparam("dead"),
        leased_until=NEVER,
        holder="",
        code=sa.bindparam("how"),
        first_attempt_time=sa.bindparam("first"),
    )
)
OF = subscriptions.c.id == sa.bindparam("of")
SUCCEEDS = sa.update(subscriptions).where(OF).values(failures=0, held_until=NEVER, success_time=NOW)
FAILS = (
    sa.update(subscriptions)
    .where(OF)
    .values(
        failures=subscriptions.c.failures + 1,
        held_until=sa.case(
            (subscriptions.c.held_until < sa.bindparam("held"), sa.bindparam("held")),
            else_=subscriptions.c.held_until,
        ),
    )
)
# Only while it has the address that was tried: one put in its place is not yet known to be gone.
DISABLE = (
    sa.update(subscriptions)
    .where(OF, ACTIVE, subscriptions.c.url == sa.bindparam("tried"))
    .values(state=State.DISABLED, disabled_reason=sa.bindparam("why"))
)
REACHED = sa.update(subscriptions).where(OF).values(position=sa.bindparam("to"))


def _count(which: sa.ColumnElement[bool], most: int) -> Any:
    """Count, but no further than needed."""
    found = sa.select(deliveries.c.sequence).where(which).limit(most).subquery()
    return sa.select(sa.func.count()).select_from(found)


READY_COUNT = _count(READY, MAX_READY)
WAITING_COUNT = _count(WAITING & ~IS_BEHIND_A_DEAD_LETTER, MAX_WAITING)
