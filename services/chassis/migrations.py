"""Brings a service's tables up to date, by Alembic, at every start.

Replicas of two releases run side by side while a release is rolled out, so a
migration may only add what the release before can live with (docs/decisions/0008).
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from alembic import op
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from services.chassis import postgresql
from services.chassis.errors import UnavailableError

TURN_SECONDS = 60.0
"""How long a process waits while another migrates the same tables."""
LOOK_SECONDS = 0.2
STATEMENT_SECONDS = 4 * 3600.0
"""How long a statement of a migration may take: it may read or write all of a large table."""
TAKE_TURN = "SELECT pg_try_advisory_lock(hashtext(current_setting('search_path')))"

log = structlog.get_logger()


class MigratingError(UnavailableError):
    """Another process brings the tables up to date, and is not done; start again later."""

    reason = "DATABASE_MIGRATING"


def migrate(engine: sa.Engine, folder: Path, *, to: str = "head") -> None:
    """Bring the tables up to a revision, or down to "base"; processes take turns.

    Tables that a later release has changed already are left as they are.
    """
    config = Config()
    config.set_main_option("script_location", str(folder))
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _context: Any) -> Any:
        if to == "base":
            return script._downgrade_revs(to, revision)  # noqa: SLF001  as alembic.command does
        if _is_later(script, revision):
            log.info("tables of a later release", revision=revision)
            return []
        return script._upgrade_revs(to, revision)  # noqa: SLF001  as alembic.command does

    with (
        EnvironmentContext(config, script, fn=steps) as environment,
        _alone(engine) as connection,
    ):
        environment.configure(connection=connection, transaction_per_migration=True)
        with environment.begin_transaction():
            environment.run_migrations()


def create_index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:
    """Make an index while others go on writing, on PostgreSQL; for a revision of its own.

    There it is made outside of a transaction: what is left of one that broke off goes first.
    """
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        # It waits for every transaction that is under way, and nobody waits for it.
        op.execute("SET lock_timeout = 0")
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute("RESET lock_timeout")


def _is_later(script: ScriptDirectory, revisions: Any) -> bool:
    """Tell whether the tables are at a revision that this release does not know."""
    try:
        script.get_revisions(revisions)
    except CommandError:
        return True
    return False


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection to tables that nobody else migrates meanwhile."""
    if engine.dialect.name != "postgresql":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        try:
            _take_turn(connection)
            postgresql.be_patient(connection, STATEMENT_SECONDS)
            postgresql.make_schema(connection)
            connection.commit()
            yield connection
        finally:
            connection.invalidate()  # the turn and the limits end with the server's session


def _take_turn(connection: sa.Connection) -> None:
    """Wait for other processes that migrate this schema."""
    deadline = time.monotonic() + TURN_SECONDS
    # Not in one statement: an index that the other makes beside us would wait for its end.
    while not connection.exec_driver_sql(TAKE_TURN).scalar():
        connection.commit()
        if time.monotonic() > deadline:
            raise MigratingError
        time.sleep(LOOK_SECONDS)
    connection.commit()
