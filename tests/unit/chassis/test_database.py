"""What a service's database promises: what is acknowledged is on disk, and failures stay apart."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from services.chassis import outage, sqlite, writer
from services.chassis.config import Settings
from services.chassis.database import Database, database_of
from services.chassis.errors import DeadlineError, NotFoundError, OverloadedError, UnavailableError
from services.chassis.testing import settings_in
from tests.unit.chassis.notebook import Busy, Wait, notebook, notes, write, written


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = notebook(settings)
    yield database
    database.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(60) as pool:
        yield pool


@pytest.fixture
def busy(database: Database, pool: ThreadPoolExecutor) -> Iterator[Busy]:
    busy = Busy(database, pool)
    yield busy
    busy.end()


@pytest.fixture
def commits(database: Database) -> list[Any]:
    seen: list[Any] = []
    event.listen(database.writing, "commit", seen.append)
    return seen


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)],
)
def test_every_connection_is_durable_and_strict(
    tmp_path: Path, pragma: str, value: str | int
) -> None:
    """Write-ahead log, `synchronous=FULL` (2), foreign keys: for readers and the writer."""
    database = notebook(settings_in(tmp_path))
    with database.read() as connection:
        seen = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()

    changed = database.change(lambda c: c.exec_driver_sql(f"PRAGMA {pragma}").scalar())
    database.close()
    assert (seen, changed) == (value, value)


def test_a_change_returns_its_result_once_it_is_written(database: Database) -> None:
    """Whoever was answered finds it there."""
    assert database.change(write("a")) == 1
    assert written(database) == ["a"]


def test_a_change_survives_its_process(database: Database, settings: Settings) -> None:
    """Somebody else reads it from the file while the first has not closed anything."""
    database.change(write("a"))

    other = database_of(settings, "notes")

    assert written(other) == ["a"]
    other.close()


def test_what_a_reader_sees_does_not_change_meanwhile(database: Database) -> None:
    """A reader has one moment of the database for as long as it reads."""
    count = sa.select(sa.func.count()).select_from(notes)
    with database.read() as connection:
        before = connection.execute(count).scalar()
        database.change(write("a"))

        assert connection.execute(count).scalar() == before == 0


def test_changes_that_wait_together_share_a_commit(
    database: Database, busy: Busy, commits: list[Any], eventually: Wait
) -> None:
    """Fifty changes cost one commit, not fifty."""
    changes = busy.queue(eventually, *(write(str(n)) for n in range(50)))

    busy.end()

    assert [change.result() for change in changes] == list(range(2, 52))
    assert len(commits) == 2


def note_all(connection: sa.Connection, words: Sequence[str]) -> Sequence[int]:
    """Make the notes of many in one go."""
    return [write(one)(connection) for one in words]


def test_shared_work_that_comes_soon_after_a_commit_is_done_together(
    database: Database,
    pool: ThreadPoolExecutor,
    commits: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten that come one by one cost one commit more, not ten."""
    monkeypatch.setattr(writer, "SHARING_SECONDS", 2.0)
    database.share(note_all, "first")

    numbers = sorted(pool.map(partial(database.share, note_all), "abcdefghij"))

    assert numbers == list(range(2, 12))
    assert len(commits) == 2


def test_work_of_ones_own_does_not_wait_for_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does the first of those who share."""
    monkeypatch.setattr(writer, "SHARING_SECONDS", 3600.0)

    database.share(note_all, "first", seconds=20)

    assert database.change(write("own"), seconds=20) == 2


def test_a_commit_has_a_limited_size(
    database: Database,
    busy: Busy,
    commits: list[Any],
    eventually: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many wait, the first of them are answered soon."""
    monkeypatch.setattr(writer, "MAX_BATCH", 10)
    changes = busy.queue(eventually, *(write(str(n)) for n in range(30)))

    busy.end()

    assert [change.result() for change in changes] == list(range(2, 32))
    assert len(commits) == 1 + 3


def test_changes_are_made_in_the_order_they_came(
    database: Database, busy: Busy, eventually: Wait
) -> None:
    """Who waits longer is served first."""
    changes = busy.queue(eventually, *(write(name) for name in "abcde"))
    busy.end()
    for change in changes:
        change.result()

    assert written(database) == ["busy", *"abcde"]


def test_a_failing_change_is_undone_alone(
    database: Database, busy: Busy, commits: list[Any], eventually: Wait
) -> None:
    """Those that share its commit stand; its caller gets what it raised."""

    def fail(connection: sa.Connection) -> None:
        write("half")(connection)
        raise ZeroDivisionError("mine")

    before, failed, after = busy.queue(eventually, write("before"), fail, write("after"))
    busy.end()

    with pytest.raises(ZeroDivisionError, match="mine"):
        failed.result()
    before.result(), after.result()
    assert written(database) == ["busy", "before", "after"]
    assert len(commits) == 2


def test_too_many_waiting_changes_are_refused(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, pool: ThreadPoolExecutor, eventually: Wait
) -> None:
    """The queue is bounded, and who comes too much learns it at once."""
    monkeypatch.setattr(writer, "MAX_WAITING", 2)
    database = notebook(settings)
    busy = Busy(database, pool)
    busy.queue(eventually, write("a"), write("b"))

    with pytest.raises(OverloadedError):
        database.change(write("c"))

    busy.end()
    database.close()
    again = database_of(settings, "notes")
    assert len(written(again)) == 3
    again.close()


def test_who_waits_too_long_is_told(database: Database, busy: Busy) -> None:
    """The deadline ends the wait of the caller."""
    with pytest.raises(DeadlineError):
        database.change(write("late"), seconds=0.05)


def test_a_change_given_up_before_it_began_is_not_made(database: Database, busy: Busy) -> None:
    """Nobody waits for it any more."""
    with pytest.raises(DeadlineError):
        database.change(write("late"), seconds=0.05)

    busy.end()
    database.change(write("next"))

    assert written(database) == ["busy", "next"]


def test_closing_finishes_what_waits(
    database: Database, busy: Busy, pool: ThreadPoolExecutor, eventually: Wait
) -> None:
    """What was taken in is written before the end."""
    changes = busy.queue(eventually, write("a"), write("b"))
    closing = pool.submit(database.close)
    eventually(lambda: database.writer._closed)

    busy.end()

    assert [change.result() for change in changes] == [2, 3]
    closing.result()


def test_a_closed_database_takes_nothing(database: Database) -> None:
    """Who comes after the end learns it at once."""
    database.close()

    with pytest.raises(UnavailableError):
        database.change(write("a"))


def test_who_comes_while_it_closes_is_answered_either_way(
    database: Database, pool: ThreadPoolExecutor, settings: Settings
) -> None:
    """Done or refused, but never left waiting."""

    def write_until_refused(_: int) -> int:
        for made in range(1_000_000):
            try:
                database.change(write("x"))
            except UnavailableError:
                return made
        raise AssertionError("it was never refused")

    counts = [pool.submit(write_until_refused, n) for n in range(16)]
    database.close()

    done = sum(count.result() for count in counts)
    other = database_of(settings, "notes")
    assert len(written(other)) == done
    other.close()


def test_every_commit_is_announced(database: Database) -> None:
    """Who waits for new rows is woken after they can be read."""
    seen: list[list[str]] = []
    database.writer.after_commit(lambda: seen.append(written(database)))

    database.change(write("a"))
    database.change(write("b"))

    assert seen == [["a"], ["a", "b"]]


def test_an_error_does_not_repeat_what_was_to_be_written(database: Database) -> None:
    """Errors go to the log, and what people wrote does not."""
    insert = sa.insert(notes).values(id=1, words="тайна")
    database.change(lambda connection: connection.execute(insert) and None)

    with pytest.raises(sa.exc.IntegrityError) as failure:
        database.change(lambda connection: connection.execute(insert) and None)

    assert "тайна" not in str(failure.value)


def test_a_database_that_cannot_be_opened_is_away(tmp_path: Path) -> None:
    """Readers are told in our own words."""
    database = Database(*sqlite.engines(tmp_path / "missing" / "notes.sqlite"))

    with pytest.raises(UnavailableError), database.read():
        pass
    database.close()


def test_who_finds_out_ends_an_outage_whatever_else_they_find(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that answers is there for all, also where one's own question comes to nothing."""
    monkeypatch.setattr(outage, "AWAY_SECONDS", 0.0)
    away = sa.exc.OperationalError("", {}, psycopg.OperationalError("the server does not answer"))
    database._outage.note(away)

    def look(number: int) -> None:
        with database.read() as connection:
            if connection.execute(sa.select(notes).where(notes.c.id == number)).first() is None:
                raise NotFoundError

    with pytest.raises(NotFoundError):
        look(1)

    assert written(database) == []


def test_two_processes_may_change_one_database(
    database: Database, pool: ThreadPoolExecutor, settings: Settings
) -> None:
    """Who locks what it reads before it writes waits for the other instead of failing."""
    other = notebook(settings)
    database.change(write("0"))

    def count(connection: sa.Connection) -> None:
        so_far = connection.execute(sa.select(notes.c.words).with_for_update()).scalar_one()
        connection.execute(sa.update(notes).values(words=str(int(so_far) + 1)))

    changes = [pool.submit(each.change, count) for each in [database, other] * 30]
    for change in changes:
        change.result()

    assert written(database) == ["60"]
    other.close()


def test_changes_that_lock_each_other_out_are_made_again(
    database: Database, pool: ThreadPoolExecutor, settings: Settings
) -> None:
    """Two processes that take the same rows in another order are both answered."""
    other = notebook(settings)
    database.change(lambda c: [write("")(c), write("")(c)])
    meeting = threading.Barrier(2, timeout=0.5)

    def mark(*ids: int) -> Callable[[sa.Connection], None]:
        def work(connection: sa.Connection) -> None:
            for id_ in ids:
                own = sa.update(notes).where(notes.c.id == id_)
                connection.execute(own.values(words=notes.c.words + "x"))
                with suppress(threading.BrokenBarrierError):
                    meeting.wait()

        return work

    first = pool.submit(database.change, mark(1, 2))
    second = pool.submit(other.change, mark(2, 1))
    first.result(), second.result()

    assert written(database) == ["xx", "xx"]
    other.close()
