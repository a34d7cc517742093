"""SQLite as a service's database: a file, in WAL mode, with one writer.

With `synchronous=FULL` what was acknowledged survives a power cut. One writer
connection makes every change and every checkpoint, which is also what keeps
clear of the WAL-reset bug of SQLite 3.7.0 to 3.51.2.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

BUSY_MILLISECONDS = 5000
POOL_SIZE = 8
MOST_MORE = 24
POOL_SECONDS = 5


def engines(path: Path) -> tuple[sa.Engine, sa.Engine]:
    """Return the engine to read a file with, and the one to change it with."""
    engine = sa.create_engine(
        f"sqlite:///{path}",
        pool_size=POOL_SIZE,
        max_overflow=MOST_MORE,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,  # an error's text goes to the log; what people wrote does not
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine, engine.execution_options(writes=True)


def _prepare(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling breaks savepoints; we begin by ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # Who reads before writing must hold the lock from the start, or meets "database is locked"
    # at once when another process wrote in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
