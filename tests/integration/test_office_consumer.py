"""The example for an office's programmer, run on a real broker as it stands."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from services.chassis.bus.kafka.bus import KafkaBus
from services.chassis.bus.kafka.connection import Connection
from services.chassis.bus.port import Message
from services.delivery import events
from services.delivery.domain import FeedEntry
from tests.system import ROOT

EXAMPLE = ROOT / "deploy" / "examples" / "office_consumer.py"
CASES, VERSIONS = 20, 3
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Eventually = Callable[[Callable[[], object]], None]


def told(office: str, number: int) -> Message:
    """Return the message delivery sends an office as its so-many-th."""
    version, case = number // CASES + 1, number % CASES
    event = f'{{"case_id": "c{case}", "case_version": {version}, "state": "s{version}"}}'.encode()
    entry = FeedEntry(
        office=office,
        sequence=number + 1,
        event_id=f"c{case}:{version}",
        type="kz.qyzmet.case.routed.v1",
        case_id=f"c{case}",
        case_version=version,
        event=event,
        enqueue_time=NOON,
    )
    row = events.to_outbox(entry, {"ce_id": entry.event_id})
    return Message(row["aggregatetype"], row["aggregateid"], row["payload"], {})


@pytest.fixture
def office(kafka_address: str) -> Iterator[Callable[[range], str]]:
    """Give a new office, and a way to send it events."""
    code = f"T{uuid4().hex[:8]}"
    with closing(KafkaBus(Connection(kafka_address))) as bus:
        topics = events.OfficeTopics(bus)

        def send(numbers: range) -> str:
            topics.publish([told(code, number) for number in numbers])
            return code

        yield send


@contextmanager
def consumer(
    office: str, address: str, kept: Path, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the example, and kill it at the end as a power cut would."""
    command = [sys.executable, str(EXAMPLE), office, address, str(kept)]
    environment = {**os.environ, **settings}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def rows(kept: Path) -> list[tuple[str, int, int]]:
    """Return each case the office knows, its version, and how many times work was done for it."""
    with closing(sqlite3.connect(kept, timeout=10)) as db:
        try:
            return db.execute("SELECT id, version, times FROM cases ORDER BY id").fetchall()
        except sqlite3.OperationalError:
            return []  # it has not begun


def test_each_event_takes_effect_once_whatever_comes_twice(
    office: Callable[[range], str], kafka_address: str, tmp_path: Path, eventually: Eventually
) -> None:
    """A relay repeats itself and the consumer is killed in the middle; the office sees neither."""
    kept, half = tmp_path / "office.sqlite", CASES * VERSIONS // 2
    code = office(range(half))
    with consumer(code, kafka_address, kept):
        eventually(lambda: len(rows(kept)) == CASES)
    office(range(half))

    office(range(CASES * VERSIONS))
    with consumer(code, kafka_address, kept):
        eventually(lambda: {version for _, version, _ in rows(kept)} == {VERSIONS})

    assert {times for _, _, times in rows(kept)} == {VERSIONS}


def test_the_example_fits_on_a_page() -> None:
    """At most forty lines, or nobody copies it."""
    assert len(EXAMPLE.read_text().splitlines()) <= 40
