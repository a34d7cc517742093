"""What SQLite and PostgreSQL both know and standard SQL does not; and how times are written."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def upsert(connection: sa.Connection, table: sa.Table) -> Any:
    """Begin an INSERT that goes on to say what happens ON CONFLICT."""
    return insert_into(connection.dialect.name, table)


def insert_into(dialect: str, table: sa.Table) -> Any:
    """Begin an INSERT in the words of a dialect, to which ON CONFLICT can be added."""
    words: Any = postgresql if dialect == "postgresql" else sqlite
    return words.insert(table)


def replace(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows, in place of those with the same key where there are any."""
    connection.execute(_replacement(connection.dialect.name, table), rows)


def ensure(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows whose keys are not there yet; who writes the same meanwhile is waited for."""
    connection.execute(_addition(connection.dialect.name, table), rows)


@lru_cache(100)  # to build a statement costs more than to run it
def _replacement(dialect: str, table: sa.Table) -> Any:
    insert = insert_into(dialect, table)
    keys = [column.name for column in table.primary_key.columns]
    others = [column.name for column in table.columns if not column.primary_key]
    changed = {name: insert.excluded[name] for name in others}
    return insert.on_conflict_do_update(index_elements=keys, set_=changed)


@lru_cache(100)
def _addition(dialect: str, table: sa.Table) -> Any:
    return insert_into(dialect, table).on_conflict_do_nothing()


def micros(time: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (time - EPOCH) // MICROSECOND


def time_of(value: int) -> datetime:
    """Return microseconds since 1970 as a time in UTC."""
    return EPOCH + value * MICROSECOND
