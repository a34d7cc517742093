"""What is committed is published: in order, by one relay, and never lost."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from services.chassis import outbox, rounds
from services.chassis.bus.port import Message
from services.chassis.config import Settings
from services.chassis.database import Database
from services.chassis.errors import UnavailableError
from services.chassis.outbox import Lease, Relay
from services.chassis.rounds import Rest
from services.chassis.testing import settings_in
from tests.unit.chassis.notebook import bare

Wait = Callable[[Callable[[], object]], None]
LONG = 3600.0

metadata = sa.MetaData()
table = outbox.outbox_table(metadata)
leases = outbox.leases_table(metadata)


class Paper:
    """A bus that writes down what it is given, after failing as often as it is told to."""

    def __init__(self, *failures: Exception, tears: int = 0) -> None:
        self.published: list[str] = []
        self.tried = 0
        self._failures = list(failures)
        self._tears = tears

    def publish(self, messages: Sequence[Message]) -> None:
        self.tried += 1
        if self._failures:
            raise self._failures.pop(0)
        self.published += [str(message.value, "utf-8") for message in messages]
        if self._tears:  # written, but the answer is lost on its way back
            self._tears -= 1
            raise UnavailableError


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait long after a failure."""
    monkeypatch.setattr(rounds, "FAILED", Rest.whole(0.01))
    monkeypatch.setattr(outbox, "IDLE_SECONDS", 0.02)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = open_in(settings)
    yield database
    database.close()


def open_in(settings: Settings) -> Database:
    return bare(settings, "some", metadata)


def commit(database: Database, *values: str) -> None:
    """Commit events, each with a change of its own."""
    for value in values:
        row = event_row(value)
        database.change(lambda c, row=row: c.execute(sa.insert(table).values(**row)) and None)


def event_row(value: str) -> dict[str, Any]:
    message = Message("topic", "key", value.encode(), {"ce_id": value})
    return outbox.row(value, message, "some.type")


def waiting(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


@contextmanager
def relaying(
    database: Database, bus: object, holder: str = "a", *, seconds: float = LONG, batch: int = 7
) -> Iterator[Relay]:
    lease = Lease(leases, "relay", holder, seconds)
    relay = Relay(database, table, lease, bus, batch_size=batch)  # type: ignore[arg-type]
    relay.start()
    try:
        yield relay
    finally:
        relay.stop(10.0)


def test_events_are_published_in_the_order_they_were_committed(
    database: Database, eventually: Wait
) -> None:
    """Across batches, those from before the start and those after it."""
    paper, names = Paper(), [str(n) for n in range(60)]
    commit(database, *names[:40])

    with relaying(database, paper):
        commit(database, *names[40:])
        eventually(lambda: not waiting(database))

    assert paper.published == names


def test_an_event_is_published_as_it_was_written(database: Database, eventually: Wait) -> None:
    """Topic, key, value and headers come out as they went in."""
    seen: list[Message] = []

    class Listening(Paper):
        def publish(self, messages: Sequence[Message]) -> None:
            seen.extend(messages)

    commit(database, "e1")
    with relaying(database, Listening()):
        eventually(lambda: not waiting(database))

    assert seen == [Message("topic", "key", b"e1", {"ce_id": "e1"})]


def test_a_commit_wakes_the_relay(
    database: Database, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the next look around."""
    monkeypatch.setattr(outbox, "IDLE_SECONDS", LONG)
    paper = Paper()

    with relaying(database, paper):
        commit(database, "1")
        eventually(lambda: paper.published == ["1"])
        commit(database, "2")
        eventually(lambda: paper.published == ["1", "2"])


def test_nothing_is_lost_while_the_bus_is_away(database: Database, eventually: Wait) -> None:
    """The events wait, and go in order when the bus is back."""
    paper = Paper(*[UnavailableError()] * 3)
    names = [str(n) for n in range(20)]

    with relaying(database, paper):
        commit(database, *names)
        eventually(lambda: not waiting(database))

    assert paper.published == names
    assert paper.tried > 3


def test_a_relay_outlives_every_surprise(database: Database, eventually: Wait) -> None:
    """A bus that breaks in a new way does not end the relay."""
    paper = Paper(ZeroDivisionError(), KeyError("x"))
    commit(database, "1")

    with relaying(database, paper):
        eventually(lambda: not waiting(database))

    assert paper.published == ["1"]


def test_a_surprise_is_logged_by_its_place(database: Database, eventually: Wait) -> None:
    """Its message may quote what was to be published."""
    commit(database, "1")

    with (
        structlog.testing.capture_logs() as lines,
        relaying(database, Paper(ValueError("secret words"))),
    ):
        eventually(lambda: not waiting(database))

    assert [(line["error"], line["file"]) for line in lines] == [("ValueError", __file__)]
    assert "secret words" not in str(lines)


def test_an_event_goes_only_after_the_bus_has_it(database: Database, eventually: Wait) -> None:
    """While publishing fails the row stays."""
    paper = Paper(*[UnavailableError()] * 1000)
    commit(database, "1")

    with relaying(database, paper):
        eventually(lambda: paper.tried >= 3)

        assert waiting(database) == 1


def test_what_the_bus_did_not_acknowledge_is_published_again(
    database: Database, eventually: Wait
) -> None:
    """At least once: an answer lost on its way back costs a repetition, never an event."""
    paper = Paper(tears=1)
    commit(database, "1", "2")

    with relaying(database, paper):
        eventually(lambda: not waiting(database))

    assert paper.published == ["1", "2", "1", "2"]


def test_a_crash_between_publishing_and_forgetting_repeats(
    settings: Settings, eventually: Wait
) -> None:
    """The next start publishes again what it cannot know to be published."""
    first, paper = open_in(settings), Paper()
    commit(first, "1", "2")

    class LastBreath(Paper):
        def publish(self, messages: Sequence[Message]) -> None:
            if not paper.published:  # the dead go round no more
                paper.publish(messages)
                first.writer.close()  # from here on nothing is written

    with relaying(first, LastBreath()):
        eventually(lambda: paper.published)
    first.close()
    second = open_in(settings)
    with relaying(second, paper):
        eventually(lambda: not waiting(second))
    second.close()

    assert paper.published == ["1", "2", "1", "2"]


def backlog(database: Database, size: int) -> Relay:
    """Give a relay of an outbox in which so many events wait."""
    rows = [event_row(str(number)) for number in range(size)]
    database.change(lambda c: [c.execute(sa.delete(table)), c.execute(sa.insert(table), rows)])
    return Relay(database, table, lease("a"), Paper(), batch_size=7)


@pytest.mark.parametrize("size", [1, 9, 10, 11, 30])
def test_the_figures_tell_how_many_events_wait(
    database: Database, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Also where they are more than are counted one by one."""
    monkeypatch.setattr(outbox, "MOST_COUNTED", 10)

    assert backlog(database, size)._tell()["qyzmet_outbox_waiting"] == size


def test_telling_the_figures_reads_no_long_backlog(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are needed most when the bus is away for a day, and a statement may not take long."""
    monkeypatch.setattr(outbox, "MOST_COUNTED", 10)
    database = open_in(settings_in(tmp_path, database=postgres_url))
    relay = backlog(database, 1000)
    asked: list[tuple[str, Any]] = []

    def note(_1: Any, _2: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    sa.event.listen(database.reading, "before_cursor_execute", note)
    relay._tell()
    sa.event.remove(database.reading, "before_cursor_execute", note)
    read = [rows for statement in asked for rows in rows_read(database, *statement)]
    database.close()

    assert read
    assert max(read) <= 10


def rows_read(database: Database, statement: str, parameters: Any) -> list[float]:
    """Return how many rows each step of a statement reads."""
    with database.read() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # as it is for a large table
        explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        (plan,) = connection.exec_driver_sql(explained, parameters).scalar_one()
    return [float(rows) for rows in re.findall(r"'Actual Rows': ([0-9.]+)", str(plan))]


@pytest.fixture
def other(settings: Settings, database: Database) -> Iterator[Database]:
    """Open the same database as another process would."""
    other = open_in(settings)
    yield other
    other.close()


def asked(database: Database) -> list[object]:
    """Count the changes asked of a database from now on."""
    seen: list[object] = []
    sa.event.listen(database.writing, "begin", seen.append)
    return seen


def test_of_two_relays_one_works(database: Database, other: Database, eventually: Wait) -> None:
    """The one with the lease publishes everything, the other nothing."""
    working, idle = Paper(), Paper()
    names = [str(n) for n in range(30)]

    with relaying(database, working, "a"):
        commit(database, names[0])
        eventually(lambda: working.published)
        tries = asked(other)
        with relaying(other, idle, "b"):
            eventually(lambda: len(tries) >= 3)  # it asks, and is told no
            commit(database, *names[1:])
            eventually(lambda: not waiting(database))

    assert (working.published, idle.published) == (names, [])


def test_another_takes_over_from_a_silent_relay(
    database: Database, other: Database, eventually: Wait
) -> None:
    """When its lease has run out, the events go on in order."""
    gone, heir = Paper(), Paper()
    with relaying(database, gone, "a", seconds=0.3):
        commit(database, "1")
        eventually(lambda: gone.published == ["1"])

    commit(database, "2", "3")
    with relaying(other, heir, "b"):
        eventually(lambda: not waiting(other))

    assert (gone.published, heir.published) == (["1"], ["2", "3"])


def test_the_same_relay_goes_on_at_once_after_a_restart(
    database: Database, eventually: Wait
) -> None:
    """It does not wait for its own lease to run out."""
    paper = Paper()
    for value in ("1", "2"):
        commit(database, value)
        with relaying(database, paper, "a", seconds=LONG):
            eventually(lambda: not waiting(database))

    assert paper.published == ["1", "2"]


def test_a_relay_without_the_lease_asks_seldom(
    database: Database, other: Database, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its own asking nor the commits around it make it ask again before its time."""
    monkeypatch.setattr(outbox, "IDLE_SECONDS", LONG)
    database.change(Lease(leases, "relay", "a", LONG).take)
    tries: list[object] = []
    sa.event.listen(other.writing, "commit", tries.append)

    with relaying(other, Paper(), "b"):
        eventually(lambda: tries)
        commit(other, *"12345")

        assert len(tries) == 1 + 5


def elapse(database: Database, seconds: float) -> None:
    """Let time go by for every lease."""
    later = sa.update(leases).values(expires=leases.c.expires - seconds)
    database.change(lambda connection: connection.execute(later) and None)


@contextmanager
def clock_off_by(seconds: float) -> Iterator[None]:
    """Let the clock of this host go wrong in the block."""
    true = time.time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: true() + seconds)
        yield


def lease(holder: str, name: str = "relay") -> Lease:
    return Lease(leases, name, holder, 10.0)


def test_a_lease_is_one_holder_s(database: Database) -> None:
    """Until it runs out."""
    assert database.change(lease("a").take)
    assert not database.change(lease("b").take)


def test_a_lease_can_be_renewed_by_its_holder(database: Database) -> None:
    """Each time for the full span from then on."""
    database.change(lease("a").take)
    elapse(database, 9)
    assert database.change(lease("a").take)
    elapse(database, 9)

    assert not database.change(lease("b").take)


def test_a_lease_that_ran_out_is_anybody_s(database: Database) -> None:
    """And the former holder has it no more."""
    database.change(lease("a").take)
    elapse(database, 10.1)

    assert database.change(lease("b").take)
    assert not database.change(lease("a").take)


def test_a_clock_that_was_ahead_holds_no_lease_for_hours(database: Database) -> None:
    """Its host died, and its outbox must not stand until others come to that time."""
    with clock_off_by(2 * LONG):
        database.change(lease("a").take)
    elapse(database, 10.1)

    assert database.change(lease("b").take)


@pytest.mark.parametrize("off", [-2 * LONG, 2 * LONG])
def test_hosts_whose_clocks_differ_do_not_take_leases_from_each_other(
    postgres_url: str, tmp_path: Path, off: float
) -> None:
    """The server's clock counts, for there is one."""
    database = open_in(settings_in(tmp_path, database=postgres_url))
    with clock_off_by(off):
        database.change(lease("a").take)

    assert not database.change(lease("b").take)
    database.close()


def test_leases_of_two_names_are_apart(database: Database) -> None:
    """Who holds one does not hold the other."""
    assert database.change(lease("a", "relay").take)
    assert database.change(lease("b", "sweeper").take)


def test_what_commits_late_is_not_passed_over(
    postgres_url: str, tmp_path: Path, eventually: Wait
) -> None:
    """An event may get its place before others and be committed after they are published."""
    settings = settings_in(tmp_path, database=postgres_url)
    slow, quick, paper = open_in(settings), open_in(settings), Paper()
    has_place, may_commit = threading.Event(), threading.Event()

    def linger(connection: sa.Connection) -> None:
        connection.execute(sa.insert(table), [event_row("late")])
        has_place.set()
        assert may_commit.wait(20)

    with relaying(quick, paper), ThreadPoolExecutor(1) as pool:
        late = pool.submit(slow.change, linger)
        assert has_place.wait(20)
        commit(quick, "early")
        eventually(lambda: paper.published == ["early"])
        may_commit.set()
        late.result()
        eventually(lambda: paper.published == ["early", "late"])
    slow.close(), quick.close()


def test_of_two_who_ask_at_once_one_gets_the_lease(database: Database, other: Database) -> None:
    """Also where nobody has had it before."""
    with ThreadPoolExecutor(2) as pool:
        for number in range(20):
            first = pool.submit(database.change, lease("a", f"n{number}").take)
            second = pool.submit(other.change, lease("b", f"n{number}").take)

            assert first.result() != second.result()
