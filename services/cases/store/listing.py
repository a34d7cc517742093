"""Lists of cases, as queries."""

from collections.abc import Iterator

import sqlalchemy as sa

from services.cases.ports import Filter, Order
from services.cases.store.tables import cases
from services.cases.store.visibility import visible_to
from services.chassis.sql import micros


def listing(wanted: Filter) -> sa.Select[tuple[object, ...]]:
    """Return the query of a page; each order has an index, so that a page costs what it shows."""
    query = sa.select(cases).where(visible_to(wanted.principal), *_conditions(wanted))
    if wanted.order is Order.DUE:
        query = query.where(cases.c.due_time.is_not(None), *_after(wanted))
        return query.order_by(cases.c.due_time, cases.c.id).limit(wanted.limit)
    if wanted.before:
        query = query.where(cases.c.id < wanted.before)
    # Ids are made in the order of time.
    return query.order_by(cases.c.id.desc()).limit(wanted.limit)


def _conditions(wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.state is not None:
        # Written out: of what waits to be sorted there is an index of its own.
        yield cases.c.state == sa.literal(wanted.state.value, literal_execute=True)
    if wanted.office:
        yield cases.c.office == wanted.office
    if wanted.number:
        yield cases.c.number == wanted.number
    if wanted.service_id:
        yield cases.c.service_id == wanted.service_id
    if wanted.due_before is not None:
        yield cases.c.due_time < micros(wanted.due_before)


def _after(wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.due_after is not None:
        yield sa.tuple_(cases.c.due_time, cases.c.id) > sa.tuple_(
            sa.literal(micros(wanted.due_after), sa.BigInteger), sa.literal(wanted.before)
        )
