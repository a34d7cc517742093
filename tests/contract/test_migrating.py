"""How the tables of a large PostgreSQL database are brought up to date, with others at work."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from services.chassis import migrations, postgresql
from services.chassis.config import Settings
from services.chassis.database import Database, open_database
from services.chassis.errors import UnavailableError
from services.chassis.testing import settings_in

SECONDS = 0.5
"""What a statement may take, and how much longer its client waits."""
LONGER = 3 * SECONDS
"""Than either of them waits."""
SCRIPT = '''"""A migration.

Revision ID: {revision}
"""

import sqlalchemy as sa
from alembic import op

from services.chassis import migrations

revision = "{revision}"
down_revision = {before}


def upgrade() -> None:
    {change}


def downgrade() -> None:
    pass
'''
MAKE = 'op.execute("CREATE TABLE notes (words text)")'
SLOW = f"""{MAKE}
    op.execute("SELECT pg_sleep({LONGER})")
    op.execute("INSERT INTO notes VALUES ('a')")"""
TWICE = f"""{MAKE}
    op.execute("INSERT INTO notes VALUES ('a'), ('a')")"""
INDEX = 'migrations.create_index("notes_by_words", "notes", ["words"], unique=True)'
ALTER = 'op.add_column("notes", sa.Column("weight", sa.Integer))'
THERE = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'qyzmet-notes'"
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'notes_by_words'::regclass"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a folder of migrations, one after another."""

    def written(*changes: str) -> Path:
        versions = tmp_path / "migrations" / "versions"
        versions.mkdir(parents=True, exist_ok=True)
        for number, change in enumerate(changes, start=1):
            before = repr(f"n{number - 1}") if number > 1 else None
            text = SCRIPT.format(revision=f"n{number}", before=before, change=change)
            (versions / f"{number}.py").write_text(text)
        return versions.parent

    return written


@pytest.fixture
def settings(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(postgresql, "GRACE_SECONDS", SECONDS)
    return settings_in(tmp_path, database=postgres_url, statement_seconds=SECONDS)


@pytest.fixture
def other(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection of somebody else to the same tables, who waits for no lock."""
    url = settings.database.get_secret_value()
    options = "-c search_path=notes -c lock_timeout=100"
    with closing(psycopg.connect(url, options=options, autocommit=True)) as connection:
        yield connection


def asked(database: Database, statement: str) -> list[Any]:
    return database.change(lambda c: list(c.exec_driver_sql(statement).scalars()))


def test_a_migration_may_take_longer_than_a_statement(settings: Settings, write: Write) -> None:
    """Neither the server nor its client ends it; afterwards statements have their limit again."""
    with closing(open_database(settings, "notes", write(SLOW))) as database:
        assert asked(database, "SELECT words FROM notes") == ["a"]
        assert asked(database, "SHOW statement_timeout") == [f"{int(SECONDS * 1000)}ms"]


def test_a_replica_waits_longer_for_another_than_for_a_statement(
    settings: Settings,
    other: psycopg.Connection[Any],
    write: Write,
    eventually: Callable[..., None],
) -> None:
    """Of those that start together one brings the tables up to date, the others find them so."""
    other.execute(migrations.TAKE_TURN)
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(open_database, settings, "notes", write(MAKE))
        eventually(lambda: other.execute(THERE).fetchone())
        other.execute("SELECT pg_sleep(%s)", [LONGER])
        other.execute("SELECT pg_advisory_unlock_all()")
        database = opening.result()

    assert asked(database, "SELECT words FROM notes") == []
    database.close()


def test_who_waits_in_vain_for_another_is_told(
    settings: Settings, other: psycopg.Connection[Any], write: Write, monkeypatch: Any
) -> None:
    """The other may need an hour: whoever starts us may start us again."""
    monkeypatch.setattr(migrations, "TURN_SECONDS", SECONDS)
    other.execute(migrations.TAKE_TURN)

    with pytest.raises(migrations.MigratingError):
        open_database(settings, "notes", write(SLOW))


def test_a_migration_waits_for_no_lock_for_long(
    settings: Settings, other: psycopg.Connection[Any], write: Write
) -> None:
    """All who come behind it would wait too."""
    open_database(settings, "notes", write(MAKE)).close()
    folder = write(MAKE, ALTER)

    with other.transaction():
        other.execute("SELECT * FROM notes")
        with pytest.raises(UnavailableError):
            open_database(settings, "notes", folder)


def test_who_writes_does_not_wait_for_an_index(
    settings: Settings,
    other: psycopg.Connection[Any],
    write: Write,
    eventually: Callable[..., None],
) -> None:
    """While it waits for an older transaction, and that may take longer than a lock may."""
    open_database(settings, "notes", write(MAKE)).close()
    folder = write(MAKE, INDEX)
    url = settings.database.get_secret_value()
    with ThreadPoolExecutor(1) as pool, closing(psycopg.connect(url)) as older:
        older.execute("INSERT INTO notes.notes VALUES ('older')")
        making = pool.submit(open_database, settings, "notes", folder)
        eventually(lambda: other.execute("SELECT to_regclass('notes_by_words')").fetchone()[0])
        other.execute("SELECT pg_sleep(%s)", [LONGER])
        other.execute("INSERT INTO notes VALUES ('newer')")
        older.commit()
        database = making.result()

    assert asked(database, VALID) == [True]
    database.close()


def test_an_index_that_broke_off_is_made_anew(
    settings: Settings, other: psycopg.Connection[Any], write: Write
) -> None:
    """What is left of it is used by no question, and written by every change."""
    folder = write(TWICE, INDEX)
    with pytest.raises(sa.exc.IntegrityError):
        open_database(settings, "notes", folder)
    assert other.execute(VALID).fetchone() == (False,)
    other.execute("TRUNCATE notes")

    database = open_database(settings, "notes", folder)

    assert asked(database, VALID) == [True]
    database.close()
