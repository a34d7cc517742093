"""The file behind the embedded bus: its schema, its opening, and its errors in our words."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from services.chassis.errors import InternalError, UnavailableError

APPLICATION_ID = 0x51_59_5A_42  # "QYZB"
SCHEMA_VERSION = 1
OLDEST_SQLITE = (3, 35, 0)  # the first with RETURNING
CACHE_KIB = 16 * 1024
JOURNAL_LIMIT = 64 * 1024 * 1024
SMALL_TABLES = ("topics", "heads", "newest", "members", "offsets")

SCHEMA = """
CREATE TABLE topics (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL,
  retention_ms INTEGER, compact INTEGER NOT NULL);
CREATE TABLE heads (  -- the offset the next record of a partition gets
  topic INTEGER NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
  PRIMARY KEY (topic, partition)) WITHOUT ROWID;
CREATE TABLE records (
  topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  time_ms INTEGER NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL, value BLOB,
  PRIMARY KEY (topic, partition, offset)) WITHOUT ROWID;
CREATE TABLE newest (  -- where the one kept record of a key is, in compact topics
  topic INTEGER NOT NULL, key TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  PRIMARY KEY (topic, key)) WITHOUT ROWID;
CREATE TABLE members (  -- who reads for a group; epoch fences, beat shows life
  consumers TEXT NOT NULL PRIMARY KEY, member TEXT NOT NULL,
  epoch INTEGER NOT NULL, beat INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE offsets (
  consumers TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL,
  next INTEGER NOT NULL, PRIMARY KEY (consumers, topic, partition)) WITHOUT ROWID;
"""


class BusFileError(InternalError):
    """The file is not a sound bus file."""

    reason = "BUS_FILE"


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Tell SQLite's errors as ours: away for now, or broken for good."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UnavailableError(f"The bus file cannot be used now: {error}.") from error
    except sqlite3.ProgrammingError as error:
        raise UnavailableError("The bus is closed.") from error
    except sqlite3.DatabaseError as error:
        raise BusFileError(f"The bus file is damaged or foreign: {error}.") from error


def open_for_writing(path: Path, patience: float) -> sqlite3.Connection:
    """Open the one connection that writes, creating the schema in a new file."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise BusFileError(f"SQLite {sqlite3.sqlite_version} is too old for the bus.")
    with translated():
        connection = sqlite3.connect(
            path, timeout=patience, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Check whose file this is, and make an empty one ours."""
    found = _pragma(connection, "application_id")
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if found != APPLICATION_ID and (found or tables):
        raise BusFileError(f"{path} belongs to another application.")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_LIMIT}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    if found != APPLICATION_ID:
        connection.executescript(
            f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
    _check(connection, path)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Stop on another version or damage; the records themselves are too many to read here."""
    if (version := _pragma(connection, "user_version")) != SCHEMA_VERSION:
        raise BusFileError(f"{path} has schema {version}, this release reads {SCHEMA_VERSION}.")
    for table in SMALL_TABLES:
        verdict = connection.execute(f"PRAGMA quick_check('{table}')").fetchone()[0]
        if verdict != "ok":
            raise BusFileError(f"{path} is damaged: {verdict}.")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    """Read a whole-number pragma."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


class Reader:
    """The one connection that reads, shared by all threads; every read is short."""

    def __init__(self, path: Path, patience: float) -> None:
        self._lock = threading.Lock()
        with translated():
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",  # it must never checkpoint
                uri=True,
                timeout=patience,
                isolation_level=None,
                check_same_thread=False,
            )
            self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a query and give all its rows."""
        with self._lock, translated():
            return self._connection.execute(sql, values).fetchall()

    def data_version(self) -> int:
        """Give a number that changes whenever anybody else wrote to the file."""
        return int(self.rows("PRAGMA data_version")[0][0])

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()
