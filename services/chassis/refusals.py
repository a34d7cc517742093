"""Why a database does not do what it is asked: words that say what to do, and tell no secret.

A server that lets somebody in no further than its door says so in its own language and
without a code; that is quoted as it came. Nothing else of what a server says is: it may
quote what a citizen wrote.
"""

import re
import sqlite3
from collections.abc import Mapping

from psycopg import Error, errors
from sqlalchemy import exc

from services.chassis import postgresql
from services.chassis.errors import UnavailableError

FAILURES = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What a database raises when it cannot do what it can at other times."""
REASON = "DATABASE"
REFUSED = "DATABASE_REFUSED"
AT_THE_DOOR = re.compile(r'connection to server at "([^"]*)"[^,]*, port (\d+) failed: *([^\n]+)')
BY_THE_SERVER = re.compile(r"\S+: {2}")
"""How its own words begin, in any language: "FATAL:  password authentication failed"."""
ADVICE: Mapping[str | None, tuple[str, str]] = {
    errors.DiskFull.sqlstate: (
        "DATABASE_FULL",
        "the disk of PostgreSQL is full: make room there; nothing needs to be started again",
    ),
    errors.QueryCanceled.sqlstate: (
        "DATABASE_SLOW",
        "PostgreSQL ended a statement that took longer than QYZMET_STATEMENT_SECONDS: "
        "see what else keeps the server busy (pg_stat_activity)",
    ),
    errors.LockNotAvailable.sqlstate: (
        "DATABASE_LOCKED",
        "somebody holds a lock for longer than half of QYZMET_STATEMENT_SECONDS: "
        "see who (pg_locks)",
    ),
    errors.ReadOnlySqlTransaction.sqlstate: (
        "DATABASE_READ_ONLY",
        "PostgreSQL takes no changes: it is a standby; QYZMET_DATABASE is to name the primary",
    ),
    errors.InsufficientPrivilege.sqlstate: (
        REFUSED,
        "the user of QYZMET_DATABASE may not do this: give it CREATE on the database, "
        "and let it own the schemas of the services",
    ),
    errors.TooManyConnections.sqlstate: (
        REFUSED,
        "PostgreSQL has no connection left: raise its max_connections, or run fewer replicas",
    ),
}
AWAY = (
    "no PostgreSQL answers; see whether it runs, and its address (in a password %40 stands for @)"
)


def is_refusal(error: BaseException) -> bool:
    """Tell whether the database does not do what it does at other times."""
    return isinstance(error, FAILURES) or postgresql.is_refusal(error)


def why(error: BaseException) -> UnavailableError:
    """Return what to tell an operator of a refusal, with its code."""
    found = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(found, sqlite3.Error):
        return _told(f"a file in QYZMET_DATA_DIR cannot be used: {found}")
    if isinstance(found, exc.TimeoutError):
        return _told("all our connections are busy", "DATABASE_SLOW")
    if not isinstance(found, Error):
        return _told(f"the database fails: {type(found).__name__}")
    return _at_the_door(found) if found.sqlstate is None else _by_code(found.sqlstate)


def _by_code(code: str) -> UnavailableError:
    reason, words = ADVICE.get(code, (REASON, f"PostgreSQL fails; its code is {code}"))
    return _told(words, reason)


def _at_the_door(error: Error) -> UnavailableError:
    """Return why there is no connection, or none any more."""
    if (found := AT_THE_DOOR.search(str(error))) is None:
        return _told(AWAY)
    host, port, said = found.groups()
    if BY_THE_SERVER.match(said):
        words = f"PostgreSQL at {host}:{port} does not let us in; see user, password and database"
        return _told(f"{words}: {said}", REFUSED)
    return _told(f"no PostgreSQL answers at {host}:{port}; see whether it runs there: {said}")


def _told(words: str, reason: str = REASON) -> UnavailableError:
    return UnavailableError(f"QYZMET_DATABASE: {words}", reason=reason)
