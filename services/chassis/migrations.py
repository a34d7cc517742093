"""Brings a service's tables up to date, by Alembic, at every start.

Replicas of two releases run side by side while a release is rolled out, so a
migration may only add what the release before can live with (docs/decisions/0008).
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from services.chassis import postgresql

TURN_SECONDS = 60
"""How long a process waits while another migrates the same tables."""

log = structlog.get_logger()


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

    with EnvironmentContext(config, script, fn=steps) as environment, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            _take_turn(connection)
        environment.configure(connection=connection)
        environment.run_migrations()


def _is_later(script: ScriptDirectory, revisions: Any) -> bool:
    """Tell whether the tables are at a revision that this release does not know."""
    try:
        script.get_revisions(revisions)
    except CommandError:
        return True
    return False


def _take_turn(connection: sa.Connection) -> None:
    """Wait for other processes that migrate this schema; what follows has the usual limits."""
    limits = {
        name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        for name in ("lock_timeout", "statement_timeout")
    }
    for name in limits:
        connection.exec_driver_sql(f"SET LOCAL {name} = '{TURN_SECONDS}s'")
    connection.exec_driver_sql(
        "SELECT pg_advisory_xact_lock(hashtext(current_setting('search_path')))"
    )
    for name, usual in limits.items():
        connection.exec_driver_sql(f"SET LOCAL {name} = '{usual}'")
    postgresql.make_schema(connection)
