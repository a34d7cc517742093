"""What an operator is told when a database does not do what it is asked."""

import sqlite3

import psycopg
import pytest
import sqlalchemy as sa
import structlog
from psycopg import errors

from services.chassis import refusals
from services.chassis.outage import Outage

CODES = [
    (errors.DiskFull, "DATABASE_FULL"),
    (errors.QueryCanceled, "DATABASE_SLOW"),
    (errors.LockNotAvailable, "DATABASE_LOCKED"),
    (errors.ReadOnlySqlTransaction, "DATABASE_READ_ONLY"),
    (errors.InsufficientPrivilege, "DATABASE_REFUSED"),
    (errors.TooManyConnections, "DATABASE_REFUSED"),
    (errors.IoError, "DATABASE"),
]
DOOR = 'connection failed: connection to server at "127.0.0.1", port 5433 failed: '
ENGLISH = 'FATAL:  password authentication failed for user "qyzmet"'
RUSSIAN = 'ВАЖНО:  пользователь "qyzmet" не прошёл проверку подлинности (по паролю)'


def raised(error: Exception) -> sa.exc.DBAPIError:
    """Return an error as it comes out of SQLAlchemy."""
    return sa.exc.OperationalError("SELECT words FROM cases", {}, error)


@pytest.mark.parametrize(("kind", "code"), CODES)
def test_a_refusal_has_a_code_and_says_nothing_of_what_was_written(
    kind: type[psycopg.Error], code: str
) -> None:
    """What a server says of a row quotes it."""
    told = refusals.why(raised(kind("a citizen's words")))

    assert told.reason == code
    assert "words" not in told.message


@pytest.mark.parametrize("said", [ENGLISH, RUSSIAN])
def test_what_a_server_says_at_its_door_is_told_as_it_came(said: str) -> None:
    """There it gives no code, and it speaks the language it was set up in."""
    told = refusals.why(raised(psycopg.OperationalError(DOOR + said)))

    assert told.reason == "DATABASE_REFUSED"
    assert said in told.message


def test_a_server_that_is_not_there_is_away() -> None:
    """It refuses nobody; its address may be wrong, or it is not started."""
    told = refusals.why(raised(psycopg.OperationalError(f"{DOOR}Connection refused")))

    assert told.reason == "DATABASE"
    assert "127.0.0.1:5433" in told.message


def test_what_stands_in_the_place_of_a_host_is_not_told() -> None:
    """It is a part of the password, where somebody wrote that with an @."""
    error = psycopg.OperationalError('could not translate host name "word@db.kz" to address')

    assert "word@" not in refusals.why(raised(error)).message


def test_a_file_that_cannot_be_used_is_told() -> None:
    """SQLite says in words what it is."""
    told = refusals.why(raised(sqlite3.OperationalError("unable to open database file")))

    assert "QYZMET_DATA_DIR" in told.message
    assert "unable to open database file" in told.message


def test_the_log_tells_a_reason_once() -> None:
    """Not with every call, for an outage may last a day."""
    outage = Outage()

    with structlog.testing.capture_logs() as lines:
        for kind in (errors.DiskFull, errors.DiskFull, errors.QueryCanceled):
            outage.note(raised(kind("")))

    assert [line["code"] for line in lines] == ["DATABASE_FULL", "DATABASE_SLOW"]
