"""What happens to changes when the disk is full or fails."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from services.chassis.database import Database
from services.chassis.errors import UnavailableError
from services.chassis.testing import settings_in
from tests.unit.chassis.notebook import Busy, Wait, notebook, write, written

NO_LIMIT = 2**30


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = notebook(settings_in(tmp_path))
    yield database
    database.close()


@pytest.fixture
def busy(database: Database) -> Iterator[Busy]:
    with ThreadPoolExecutor(20) as pool:
        busy = Busy(database, pool)
        yield busy
        busy.end()


@pytest.fixture
def disk(database: Database) -> Callable[[int], None]:
    """Set how many pages the disk has room for, as if it filled up."""
    limit = [NO_LIMIT]

    def limited(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={limit[0]}")

    event.listen(database.writing, "checkout", limited)
    return lambda pages: limit.__setitem__(0, pages)


def test_a_full_disk_is_told_as_unavailable(
    database: Database, disk: Callable[[int], None]
) -> None:
    """Callers learn that trying again later may help, and no more."""
    disk(1)

    with pytest.raises(UnavailableError, match="the database cannot be written"):
        database.change(write("x" * 100_000))


def test_a_full_disk_leaves_nothing_of_a_change(
    database: Database, disk: Callable[[int], None]
) -> None:
    """What was there can be read; what failed left nothing."""
    database.change(write("before"))
    disk(1)

    with pytest.raises(UnavailableError):
        database.change(lambda c: [write(w)(c) for w in ("small", "x" * 100_000)])

    assert written(database) == ["before"]


def test_writing_goes_on_when_there_is_room_again(
    database: Database, disk: Callable[[int], None]
) -> None:
    """Nobody has to restart anything."""
    disk(1)
    with pytest.raises(UnavailableError):
        database.change(write("x" * 100_000))

    disk(NO_LIMIT)
    database.change(write("after"))

    assert written(database) == ["after"]


def test_whoever_was_answered_on_a_full_disk_was_written(
    database: Database, disk: Callable[[int], None], busy: Busy, eventually: Wait
) -> None:
    """In a commit that meets the end of the disk, each answer is true."""
    disk(1)
    works = [write(f"{n}:" + "x" * 3000 * (n % 2)) for n in range(10)]
    changes = busy.queue(eventually, *works)
    busy.end()

    answered = [n for n, change in enumerate(changes) if change.exception() is None]
    told = {type(change.exception()) for change in changes} - {type(None)}
    kept = [int(words.split(":")[0]) for words in written(database) if words != "busy"]
    assert answered == kept
    assert told == {UnavailableError}


def test_a_commit_that_fails_fails_for_all_of_it(
    database: Database, busy: Busy, eventually: Wait
) -> None:
    """Nobody is told that something stands which does not."""
    changes = busy.queue(eventually, write("a"), write("b"))
    event.listen(database.writing, "commit", _no_more)
    busy.end()

    for change in (busy.change, *changes):
        with pytest.raises(UnavailableError):
            change.result()
    event.remove(database.writing, "commit", _no_more)
    assert written(database) == []


def _no_more(_connection: sa.Connection) -> None:
    raise sa.exc.OperationalError("COMMIT", {}, OSError("I/O error"))
