"""What SQLite and PostgreSQL both know and standard SQL does not; and how times are written."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def upsert(connection: sa.Connection, table: sa.Table) -> Any:
    """Begin an INSERT that goes on to say what happens ON CONFLICT."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def replace(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows, in place of those with the same key where there are any."""
    insert = upsert(connection, table)
    keys = [column.name for column in table.primary_key.columns]
    others = [column.name for column in table.columns if not column.primary_key]
    changed = {name: insert.excluded[name] for name in others}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def micros(time: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (time - EPOCH) // MICROSECOND


def time_of(value: int) -> datetime:
    """Return microseconds since 1970 as a time in UTC."""
    return EPOCH + value * MICROSECOND
