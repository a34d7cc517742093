"""PostgreSQL as the database of services: a schema for each, and no wait without an end.

The server ends what takes too long (`statement_timeout`, `lock_timeout`); where
it hangs and can end nothing, the client gives up. Who commits waits for the disk.
"""

import select
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import IsolationLevel, errors
from psycopg.abc import PQGen
from sqlalchemy import event, exc

RV = TypeVar("RV")

CONNECT_SECONDS = 3
LOCK_SHARE = 0.5
"""Who waits for a lock gives up sooner than who computes: the part of a statement's time."""
GRACE_SECONDS = 2.0
"""How much longer we wait than the server lets a statement run: it alone can say why."""
POOL_SIZE = 4
MOST_MORE = 12
POOL_SECONDS = 1
SETTINGS = {
    "idle_in_transaction_session_timeout": "30s",
    "synchronous_commit": "on",
    "timezone": "UTC",
}
NETWORK: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class Connection(psycopg.Connection[Any]):
    """A connection that gives up, and closes, where the server does not answer at all."""

    answer_seconds: float = GRACE_SECONDS

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for an answer of the server."""
        try:
            return super().wait(gen, interval, timeout or self.answer_seconds)
        except errors._WaitTimeout as error:  # noqa: SLF001  has no other name
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from error


def engines(url: str, schema: str, statement_seconds: float) -> tuple[sa.Engine, sa.Engine]:
    """Return the engine to read a schema with, and the one to change it with.

    A reader sees one moment of the database (REPEATABLE READ) and cannot write;
    the writer's locks and its READ COMMITTED show it what others committed
    while it waited. Neither can use up the connections of the other.
    """

    def to_read() -> Connection:
        connection = connect(url, schema, statement_seconds)
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return connection

    def to_write() -> Connection:
        connection = connect(url, schema, statement_seconds)
        connection.isolation_level = IsolationLevel.READ_COMMITTED
        connection.read_only = False
        return connection

    return _engine(to_read, POOL_SIZE, MOST_MORE), _engine(to_write, 1, 1)


def connect(url: str, schema: str, statement_seconds: float) -> Connection:
    """Connect to a schema; the errors of this name the server, never the password."""
    settings = {
        "search_path": schema,
        "statement_timeout": int(statement_seconds * 1000),
        "lock_timeout": int(statement_seconds * LOCK_SHARE * 1000),
        **SETTINGS,
    }
    connection = Connection.connect(
        url,
        options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
        application_name=f"qyzmet-{schema}",
        **NETWORK,
    )
    connection.answer_seconds = statement_seconds + GRACE_SECONDS
    return connection


def be_patient(connection: sa.Connection, seconds: float) -> None:
    """Let a connection's statements take longer; for locks they wait as ever."""
    connection.exec_driver_sql(f"SET statement_timeout = {int(seconds * 1000)}")
    connection.connection.dbapi_connection.answer_seconds = seconds + GRACE_SECONDS  # type: ignore[union-attr]


def make_schema(connection: sa.Connection) -> None:
    """Make the connection's schema where it is not there yet; only then one needs the right to."""
    if connection.exec_driver_sql("SELECT current_schema()").scalar() is None:
        name = connection.exec_driver_sql("SHOW search_path").scalar_one()
        connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{name}"')


def is_away(error: BaseException) -> bool:
    """Tell whether an error says that no server answers: it has no code, or says it leaves."""
    found = _of_server(error)
    left = (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow)
    return isinstance(found, psycopg.OperationalError) and (
        found.sqlstate is None or isinstance(found, left)
    )


def is_conflict(error: BaseException) -> bool:
    """Tell whether another process was in the way, so that trying again may help."""
    return isinstance(_of_server(error), errors.DeadlockDetected | errors.SerializationFailure)


def is_refusal(error: BaseException) -> bool:
    """Tell whether the server lets us not do this now, as after a change of its role, or ours."""
    refusals = (errors.ReadOnlySqlTransaction, errors.InsufficientPrivilege)
    return isinstance(_of_server(error), refusals)


def _of_server(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, exc.DBAPIError) else None


def _engine(creator: Callable[[], Connection], size: int, more: int) -> sa.Engine:
    engine = sa.create_engine(
        "postgresql+psycopg://",  # the address stays with the creator, out of every error's text
        creator=creator,
        pool_size=size,
        max_overflow=more,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,  # as above: what people wrote is not for the log
    )
    event.listen(engine, "checkout", _refuse_dead)
    return engine


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool connect anew where the server left while nobody used the connection."""
    # An idle connection has nothing to say; what can be read there is its end.
    if connection.closed or _is_readable(connection.fileno()):
        raise exc.DisconnectionError


def _is_readable(handle: int) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(0))
