"""What the embedded bus does beyond the promises of every bus."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.bus.embedded import BusFileError, EmbeddedBus
from services.chassis.bus.embedded.writer import FileLock
from services.chassis.bus.port import LostGroupError, Message, Topic
from services.chassis.errors import InvalidError, TooLargeError, UnavailableError


class Clocks:
    """A wall clock and a monotonic clock that move when told."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 1, 1, tzinfo=UTC)
        self.seconds = 0.0

    def now(self) -> datetime:
        """Tell the wall clock's time."""
        return self.wall

    def monotonic(self) -> float:
        """Tell the monotonic clock's time."""
        return self.seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


OpenBus = Callable[[], EmbeddedBus]


@pytest.fixture
def open_bus(tmp_path: Path, clocks: Clocks) -> Iterator[OpenBus]:
    buses: list[EmbeddedBus] = []

    def open_one() -> EmbeddedBus:
        buses.append(
            EmbeddedBus(
                tmp_path / "bus.db", now=clocks.now, monotonic=clocks.monotonic, patience=0.2
            )
        )
        return buses[-1]

    yield open_one
    for bus in buses:
        bus.close()


@pytest.fixture
def bus(open_bus: OpenBus) -> EmbeddedBus:
    opened = open_bus()
    opened.ensure_topics([Topic("cases", partitions=2)])
    return opened


def publish(bus: EmbeddedBus, *values: bytes, topic: str = "cases", key: str = "case-1") -> None:
    """Publish values under one key."""
    bus.publish([Message(topic, key, value) for value in values])


def history(bus: EmbeddedBus, topic: str = "cases") -> list[bytes | None]:
    """Read all values of a topic."""
    return [record.value for record in bus.history(topic)]


def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path, open_bus: OpenBus) -> None:
    """Starting on damage would lose what is left."""
    (tmp_path / "bus.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(BusFileError):
        open_bus()


def test_another_applications_database_is_left_alone(tmp_path: Path, open_bus: OpenBus) -> None:
    """A wrong path in the settings must not mix two files."""
    with sqlite3.connect(tmp_path / "bus.db") as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()

    with pytest.raises(BusFileError, match="another application"):
        open_bus()


def test_a_file_of_another_version_stops_the_start(tmp_path: Path, open_bus: OpenBus) -> None:
    """An older release must not write into a newer file."""
    open_bus().close()
    with sqlite3.connect(tmp_path / "bus.db") as file:
        file.execute("PRAGMA user_version = 99")
    file.close()

    with pytest.raises(BusFileError, match="schema 99"):
        open_bus()


def test_damage_in_the_offsets_stops_the_start(tmp_path: Path, bus: EmbeddedBus) -> None:
    """Reading on from wrong offsets would skip records."""
    bus.close()
    with sqlite3.connect(tmp_path / "bus.db") as file:
        page = file.execute("SELECT rootpage FROM sqlite_master WHERE name='heads'").fetchone()[0]
    file.close()
    content = bytearray((tmp_path / "bus.db").read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    (tmp_path / "bus.db").write_bytes(content)

    with pytest.raises(BusFileError):
        EmbeddedBus(tmp_path / "bus.db", now=lambda: datetime.now(UTC))


def test_a_full_disk_is_told_as_unavailable(bus: EmbeddedBus) -> None:
    """The caller keeps the message and tries again."""
    bus._writer._connection.execute("PRAGMA max_page_count = 30")

    with pytest.raises(UnavailableError, match="full"):
        publish(bus, *[b"x" * 1000] * 200)


def test_a_disk_with_room_again_heals_without_a_restart(bus: EmbeddedBus) -> None:
    """What was acknowledged before is there, what was refused is not."""
    publish(bus, b"kept")
    bus._writer._connection.execute("PRAGMA max_page_count = 30")
    with pytest.raises(UnavailableError):
        publish(bus, *[b"x" * 1000] * 200)
    bus._writer._connection.execute("PRAGMA max_page_count = 1000000")

    publish(bus, b"again")

    assert history(bus) == [b"kept", b"again"]


def test_one_callers_failure_spares_the_transaction_of_others(bus: EmbeddedBus) -> None:
    """Callers share a transaction but not their faults."""
    publish(bus, b"one")

    with pytest.raises(UnicodeEncodeError):
        bus._writer.run(lambda connection: connection.execute("SELECT ?", ("\ud800",)))

    publish(bus, b"two")
    assert history(bus) == [b"one", b"two"]


def test_failed_work_leaves_nothing_behind(bus: EmbeddedBus) -> None:
    """What it wrote before it failed is not committed with the work of others."""

    def write_and_fail(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE heads SET next = 7")
        raise InvalidError

    with pytest.raises(InvalidError):
        bus._writer.run(write_and_fail)

    publish(bus, b"one")
    assert [record.offset for record in bus.history("cases")] == [0]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("watch_step", [0.01, 3600.0])
def test_a_waiting_consumer_is_woken(tmp_path: Path, watch_step: float) -> None:
    """By its own process at once, and by another's writes within a step."""
    reading, writing = (
        EmbeddedBus(
            tmp_path / "bus.db", now=lambda: datetime.now(UTC), lease=3600.0, watch_step=watch_step
        )
        for _ in range(2)
    )
    reading.ensure_topics([Topic("cases", partitions=2)])
    publisher = threading.Timer(0.1, publish, [writing if watch_step < 1 else reading, b"new"])
    publisher.start()

    polled = reading.consumer("group", ["cases"], member="a").poll(1, 600.0)

    publisher.join()
    for bus in (reading, writing):
        bus.close()
    assert [record.value for record in polled] == [b"new"]


def test_a_lock_held_too_long_by_another_process_is_told(bus: EmbeddedBus, tmp_path: Path) -> None:
    """A write waits for a bounded time only."""
    other = FileLock(tmp_path / "bus.db.lock", patience=1.0)

    with other.held(), pytest.raises(UnavailableError):
        publish(bus, b"late")

    other.close()


def test_a_message_too_large_is_refused(bus: EmbeddedBus) -> None:
    """Before it is written anywhere."""
    with pytest.raises(TooLargeError):
        publish(bus, b"x" * (1024 * 1024 + 1))


def test_a_closed_bus_refuses_to_publish(bus: EmbeddedBus) -> None:
    """With an error that callers wait out, as they do for a broker."""
    bus.close()

    with pytest.raises(UnavailableError):
        publish(bus, b"late")


def test_a_closed_bus_refuses_to_poll(bus: EmbeddedBus) -> None:
    """A loop that outlives its bus is told so."""
    consumer = bus.consumer("group", ["cases"], member="a")
    bus.close()

    with pytest.raises(UnavailableError):
        consumer.poll(1, 0.0)


def test_a_topic_needs_a_partition(bus: EmbeddedBus) -> None:
    """Otherwise its keys would have no place."""
    with pytest.raises(InvalidError):
        bus.ensure_topics([Topic("none", partitions=0)])


def test_a_consumer_needs_a_name(bus: EmbeddedBus) -> None:
    """Static membership rests on it."""
    with pytest.raises(InvalidError):
        bus.consumer("group", ["cases"], member="")


def test_seeking_what_one_does_not_read_is_refused(bus: EmbeddedBus) -> None:
    """The position would silently be forgotten."""
    consumer = bus.consumer("group", ["cases"], member="a")
    consumer.poll(1, 0.0)

    with pytest.raises(InvalidError):
        consumer.seek("cases", 7, 0)


def test_records_past_their_retention_are_dropped(bus: EmbeddedBus, clocks: Clocks) -> None:
    """By the time they were written."""
    bus.ensure_topics([Topic("short", partitions=1, retention=timedelta(days=1))])
    publish(bus, *[b"old"] * 1200, topic="short")
    clocks.wall += timedelta(days=1, seconds=1)
    publish(bus, b"young", topic="short")

    bus.tidy()

    assert history(bus, "short") == [b"young"]


def test_a_topic_without_retention_keeps_everything(bus: EmbeddedBus, clocks: Clocks) -> None:
    """Projections are rebuilt from it years later."""
    publish(bus, b"old")
    clocks.wall += timedelta(days=3650)

    bus.tidy()

    assert history(bus) == [b"old"]


def test_a_consumer_passes_over_what_was_dropped(bus: EmbeddedBus, clocks: Clocks) -> None:
    """It goes on with what is left instead of waiting for what is gone."""
    bus.ensure_topics([Topic("short", partitions=1, retention=timedelta(days=1))])
    consumer = bus.consumer("group", ["short"], member="a")
    publish(bus, b"old", topic="short")
    clocks.wall += timedelta(days=2)
    bus.tidy()
    assert (list(consumer.poll(10, 0.0)), consumer.lag()) == ([], 0)

    publish(bus, b"new", topic="short")

    assert [record.value for record in consumer.poll(10, 0.0)] == [b"new"]


def test_compaction_leaves_no_older_record(bus: EmbeddedBus) -> None:
    """It happens as the newer is written."""
    bus.ensure_topics([Topic("models", partitions=1, compact=True)])
    publish(bus, b"v1", b"v2", topic="models")
    publish(bus, b"v3", topic="models")

    assert history(bus, "models") == [b"v3"]


def test_a_stand_by_waits_while_the_holder_lives(open_bus: OpenBus, bus: EmbeddedBus) -> None:
    """One member reads, the other does not."""
    publish(bus, b"one")
    holder = bus.consumer("group", ["cases"], member="a")
    holder.poll(1, 0.0)

    stand_by = open_bus().consumer("group", ["cases"], member="b")

    assert list(stand_by.poll(1, 0.0)) == []


def test_a_holder_that_polls_keeps_its_lease(
    open_bus: OpenBus, bus: EmbeddedBus, clocks: Clocks
) -> None:
    """However long it lives."""
    holder = bus.consumer("group", ["cases"], member="a")
    stand_by = open_bus().consumer("group", ["cases"], member="b")
    publish(bus, b"one")
    for _ in range(8):
        holder.poll(1, 0.0)
        stand_by.poll(1, 0.0)
        clocks.seconds += 4.0

    assert stand_by.assignment.partitions == frozenset()


def test_a_silent_holder_loses_its_lease(
    open_bus: OpenBus, bus: EmbeddedBus, clocks: Clocks
) -> None:
    """After the length of the lease, and it is told at its commit."""
    publish(bus, b"one")
    holder = bus.consumer("group", ["cases"], member="a")
    holder.poll(1, 0.0)
    stand_by = open_bus().consumer("group", ["cases"], member="b")
    stand_by.poll(1, 0.0)
    clocks.seconds += 10.0

    assert [record.value for record in stand_by.poll(1, 0.0)] == [b"one"]
    with pytest.raises(LostGroupError):
        holder.commit()


def test_a_wall_clock_that_jumps_moves_no_lease(
    open_bus: OpenBus, bus: EmbeddedBus, clocks: Clocks
) -> None:
    """Leases rest on monotonic time alone."""
    publish(bus, b"one")
    bus.consumer("group", ["cases"], member="a").poll(1, 0.0)
    stand_by = open_bus().consumer("group", ["cases"], member="b")
    stand_by.poll(1, 0.0)

    clocks.wall += timedelta(hours=2)

    assert list(stand_by.poll(1, 0.0)) == []


def test_a_displaced_namesake_stands_by(open_bus: OpenBus, bus: EmbeddedBus) -> None:
    """Two processes under one name must not throw each other out in turn."""
    publish(bus, b"one")
    older = bus.consumer("group", ["cases"], member="a")
    older.poll(1, 0.0)
    newer = open_bus().consumer("group", ["cases"], member="a")
    newer.poll(1, 0.0)
    with pytest.raises(LostGroupError):
        older.commit()

    older.poll(1, 0.0)

    newer.commit()


def test_a_namesake_that_waited_does_not_throw_the_other_out(
    open_bus: OpenBus, bus: EmbeddedBus
) -> None:
    """Only a process that starts may take back its own name's place."""
    first = bus.consumer("group", ["cases"], member="a")
    first.poll(1, 0.0)
    waiting, taking = (open_bus().consumer("group", ["cases"], member="b") for _ in range(2))
    waiting.poll(1, 0.0)
    first.close()
    taking.poll(1, 0.0)

    waiting.poll(1, 0.0)

    taking.renew()


def test_a_member_that_leaves_is_followed_at_once(open_bus: OpenBus, bus: EmbeddedBus) -> None:
    """A rolling restart need not wait for a lease."""
    publish(bus, b"one")
    leaving = bus.consumer("group", ["cases"], member="a")
    leaving.poll(1, 0.0)
    leaving.close()

    next_one = open_bus().consumer("group", ["cases"], member="b")

    assert [record.value for record in next_one.poll(1, 0.0)] == [b"one"]


def test_the_log_syncs_every_commit(bus: EmbeddedBus) -> None:
    """An acknowledged message survives a power failure."""
    connection = bus._writer._connection

    modes = [
        connection.execute(f"PRAGMA {p}").fetchone()[0] for p in ("journal_mode", "synchronous")
    ]

    assert modes == ["wal", 2]
