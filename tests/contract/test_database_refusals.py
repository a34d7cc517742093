"""Why PostgreSQL refuses is told in one line that says what to do."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import sqlalchemy as sa
import structlog

from services.catalog.app import MIGRATIONS
from services.chassis.database import database_of, open_database
from services.chassis.errors import UnavailableError
from services.chassis.testing import settings_in

WORD = "hush-hush"


@pytest.fixture
def clerk(postgres_url: str) -> Iterator[str]:
    """Give the address of a user who may sign in, and nothing else."""
    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        connection.execute(f"CREATE ROLE clerk LOGIN PASSWORD '{WORD}'")  # type: ignore[arg-type]
        yield changed(postgres_url, user=f"clerk:{WORD}")
        connection.execute("DROP OWNED BY clerk; DROP ROLE clerk")


def changed(url: str, *, user: str = "", name: str = "") -> str:
    """Return an address with another user or database."""
    parts = urlsplit(url)
    own, _, host = parts.netloc.rpartition("@")
    path = f"/{name}" if name else parts.path
    return urlunsplit(parts._replace(netloc=f"{user or own}@{host}", path=path))


def refusal(folder: Path, url: str) -> UnavailableError:
    """Open a service's database, and return why it cannot be."""
    with pytest.raises(UnavailableError) as caught:
        open_database(settings_in(folder, database=url), "catalog", MIGRATIONS)
    assert len(caught.value.message.splitlines()) == 1
    assert WORD not in caught.value.message
    return caught.value


def test_a_wrong_password_is_told(tmp_path: Path, postgres_url: str) -> None:
    """With the user's name, and without the password."""
    told = refusal(tmp_path, changed(postgres_url, user=f"clerk:{WORD}"))

    assert told.reason == "DATABASE_REFUSED"
    assert "clerk" in told.message


def test_an_unknown_database_is_told(tmp_path: Path, postgres_url: str) -> None:
    """By its name."""
    told = refusal(tmp_path, changed(postgres_url, name="nowhere"))

    assert told.reason == "DATABASE_REFUSED"
    assert "nowhere" in told.message


def test_a_missing_right_is_told(tmp_path: Path, clerk: str) -> None:
    """Which one to give."""
    told = refusal(tmp_path, clerk)

    assert told.reason == "DATABASE_REFUSED"
    assert "CREATE" in told.message


def test_a_right_that_is_taken_away_later_is_told_the_log(tmp_path: Path, clerk: str) -> None:
    """Callers are told to come again, as they are where the disk is full."""
    settings = settings_in(tmp_path, database=clerk)
    with (
        closing(database_of(settings, "some")) as database,
        structlog.testing.capture_logs() as said,
        pytest.raises(UnavailableError) as caught,
    ):
        database.change(lambda connection: _run(connection, "CREATE TABLE pg_catalog.x ()"))

    assert caught.value.reason == "UNAVAILABLE"
    assert [line["code"] for line in said] == ["DATABASE_REFUSED"]


def test_a_statement_that_takes_too_long_is_told_the_log(tmp_path: Path, postgres_url: str) -> None:
    """An operator reads which setting ended it."""
    settings = settings_in(tmp_path, database=postgres_url, statement_seconds=0.2)
    with (
        closing(database_of(settings, "some")) as database,
        structlog.testing.capture_logs() as said,
        pytest.raises(UnavailableError),
        database.read() as connection,
    ):
        _run(connection, "SELECT pg_sleep(1)")

    (line,) = said
    assert line["code"] == "DATABASE_SLOW"
    assert "QYZMET_STATEMENT_SECONDS" in line["why"]


def _run(connection: sa.Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
