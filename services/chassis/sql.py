"""What SQLite and PostgreSQL both know and standard SQL does not; and how times are written."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
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


def add(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new rows, all with the same columns."""
    _write(connection, _insertion, table, rows)


def replace(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows, no key twice, in place of those with the same key where there are any."""
    _write(connection, _replacement, table, rows)


def ensure(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows whose keys are not there yet; who writes the same meanwhile is waited for."""
    _write(connection, _addition, table, rows)


def update(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change rows that are there, found by their keys; all name the same columns."""
    _write(connection, _change, table, [{f"to_{name}": row[name] for name in row} for row in rows])


def _write(
    connection: sa.Connection,
    statement: Callable[[str, sa.Table, tuple[str, ...]], Any],
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    if not rows:
        return
    put(connection, statement(connection.dialect.name, table, tuple(rows[0])), rows)


def put(connection: sa.Connection, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement that writes rows with the columns of the first; the same object each time."""
    if connection.dialect.name == "postgresql":
        # One statement on columns: a statement a row took five times as long.
        connection.execute(statement, {name: [row[name] for row in rows] for name in rows[0]})
        return
    # To hand our plain values over one by one took SQLAlchemy half as long as the whole change.
    told, columns = _driven(statement)
    of_row = itemgetter(*columns)
    values = map(of_row, rows) if len(columns) > 1 else ((of_row(row),) for row in rows)
    connection.exec_driver_sql(told, list(values))


@lru_cache(200)
def _driven(statement: Any) -> tuple[str, Sequence[str]]:
    """Return a statement as SQLite's driver takes it, and the names of its values in order."""
    compiled = statement.compile(dialect=sqlite.dialect())
    return str(compiled), compiled.positiontup


def _rows_into(dialect: str, table: sa.Table, names: tuple[str, ...]) -> Any:
    """Begin an INSERT of rows, which come as one array for each column where that is known."""
    insert = insert_into(dialect, table)
    if dialect != "postgresql":
        return insert.values({name: sa.bindparam(name) for name in names})
    told = _arrays({name: table.c[name].type for name in names})
    return insert.from_select(list(names), sa.select(told))


def _arrays(types: Mapping[str, Any]) -> Any:
    """Return rows that come as one array for each column."""
    arrays = [sa.bindparam(name, type_=postgresql.ARRAY(types[name])) for name in types]
    return sa.func.unnest(*arrays).table_valued(*map(sa.column, types)).render_derived()


@lru_cache(100)  # to build a statement costs more than to run it
def _insertion(dialect: str, table: sa.Table, names: tuple[str, ...]) -> Any:
    return _rows_into(dialect, table, names)


@lru_cache(100)
def _replacement(dialect: str, table: sa.Table, names: tuple[str, ...]) -> Any:
    insert = _rows_into(dialect, table, names)
    keys = [column.name for column in table.primary_key.columns]
    others = [column.name for column in table.columns if not column.primary_key]
    changed = {name: insert.excluded[name] for name in others}
    return insert.on_conflict_do_update(index_elements=keys, set_=changed)


@lru_cache(100)
def _addition(dialect: str, table: sa.Table, names: tuple[str, ...]) -> Any:
    return _rows_into(dialect, table, names).on_conflict_do_nothing()


@lru_cache(100)
def _change(dialect: str, table: sa.Table, names: tuple[str, ...]) -> Any:
    columns = {name: table.c[name.removeprefix("to_")] for name in names}
    told: Any
    if dialect == "postgresql":
        told = _arrays({name: column.type for name, column in columns.items()}).c
    else:
        told = {name: sa.bindparam(name, type_=column.type) for name, column in columns.items()}
    keys = [column == told[name] for name, column in columns.items() if column.primary_key]
    changed = {c.name: told[name] for name, c in columns.items() if not c.primary_key}
    return sa.update(table).where(*keys).values(changed)


def micros(time: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (time - EPOCH) // MICROSECOND


def time_of(value: int) -> datetime:
    """Return microseconds since 1970 as a time in UTC."""
    return EPOCH + value * MICROSECOND
