"""Counters in SQL: what a batch adds, in one statement."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

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
    counts = [column.name for column in table.columns if not column.primary_key]
    raised = {name: table.c[name] + insert.excluded[name] for name in counts}
    return insert.on_conflict_do_update(index_elements=keys, set_=raised)
