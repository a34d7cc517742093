"""Counters in SQL: what a batch adds, and what a period comes to, each in one statement."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from services.audit.domain.spans import Span
from services.chassis import sql


def add(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add to the counters of rows, which begin where there are none.

    Rows come in the order of their keys, so that two consumers cannot wait for each other.
    """
    if not rows:
        return
    sql.put(connection, _adding(connection.dialect.name, table, tuple(rows[0])), rows)


@lru_cache(100)  # to build a statement costs more than to run it
def _adding(dialect: str, table: sa.Table, names: tuple[str, ...]) -> Any:
    insert = sql.insert_into(dialect, table)
    if dialect == "postgresql":
        arrays = [sa.bindparam(name, type_=postgresql.ARRAY(table.c[name].type)) for name in names]
        told = sa.func.unnest(*arrays).table_valued(*map(sa.column, names)).render_derived()
        insert = insert.from_select(list(names), sa.select(told))
    else:
        insert = insert.values({name: sa.bindparam(name) for name in names})
    keys = list(table.primary_key)
    raised = {name: table.c[name] + insert.excluded[name] for name in _counts(table)}
    return insert.on_conflict_do_update(index_elements=keys, set_=raised)


def sums(
    connection: sa.Connection,
    table: sa.Table,
    keys: tuple[str, ...],
    spans: Sequence[Span],
    of: Mapping[str, str],
) -> Sequence[Any]:
    """Return keys and the counters of spans added up, where other columns are as told."""
    wanted = dict(of)
    for number, (first, last) in enumerate(spans):
        wanted |= {f"first_{number}": first, f"last_{number}": last}
    return connection.execute(_summing(table, keys, tuple(of), len(spans)), wanted).all()


@lru_cache(100)
def _summing(
    table: sa.Table, keys: tuple[str, ...], of: tuple[str, ...], spans: int
) -> sa.Select[Any]:
    """Read each span as a range of the table's key: of ranges joined by OR all would be read."""
    known = [table.c[name] == sa.bindparam(name) for name in of]
    columns = [table.c[name] for name in (*keys, *_counts(table))]
    parts = [
        sa.select(*columns).where(
            *known,
            table.c.day.between(sa.bindparam(f"first_{number}"), sa.bindparam(f"last_{number}")),
        )
        for number in range(spans)
    ]
    rows = sa.union_all(*parts).subquery()
    told = [rows.c[name] for name in keys]
    return sa.select(*told, *(sa.func.sum(rows.c[name]) for name in _counts(table))).group_by(*told)


def _counts(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns if not column.primary_key]
