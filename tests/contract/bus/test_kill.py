"""A process killed in the middle of publishing loses nothing it acknowledged."""

import random
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.bus.embedded import EmbeddedBus
from tests.contract.bus import victim

KILLS = 10


def publish_and_die(path: Path, run: str, lines: int) -> dict[str, int]:
    """Kill a publisher after so many acknowledgements; give the last of each key."""
    acknowledged: dict[str, int] = {}
    command = [sys.executable, "-u", victim.__file__, str(path), run]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for read, line in enumerate(process.stdout):
            key, number = line.split()
            acknowledged[key] = int(number)
            if read == lines:
                process.kill()
    return acknowledged


@pytest.fixture(scope="module")
def outcome(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Kill a publisher again and again on one file; give what it was promised and what is there."""
    path = tmp_path_factory.mktemp("killed") / "bus.db"
    chance = random.Random(20260101)
    acknowledged: dict[str, int] = {}
    for run in range(KILLS):
        acknowledged |= publish_and_die(path, f"run-{run}", chance.randrange(1, 120))
    stored: defaultdict[str, list[int]] = defaultdict(list)
    bus = EmbeddedBus(path, now=lambda: datetime.now(UTC))
    for record in bus.history(victim.TOPIC):
        stored[record.key].append(int(record.value or b""))
    bus.close()
    return acknowledged, stored


def test_every_acknowledged_message_is_there(
    outcome: tuple[dict[str, int], dict[str, list[int]]],
) -> None:
    """Publish had returned, so nothing may undo it."""
    acknowledged, stored = outcome

    assert len({key.rsplit("-", 1)[0] for key in acknowledged}) == KILLS
    assert [key for key, last in acknowledged.items() if last not in stored[key]] == []


def test_every_message_is_there_once_and_in_order(
    outcome: tuple[dict[str, int], dict[str, list[int]]],
) -> None:
    """Also those whose acknowledgement the kill cut off."""
    _, stored = outcome

    assert [key for key, line in stored.items() if line != list(range(len(line)))] == []


def test_a_batch_is_there_whole_or_not_at_all(
    outcome: tuple[dict[str, int], dict[str, list[int]]],
) -> None:
    """A kill between two messages of one call leaves neither."""
    _, stored = outcome

    assert [key for key, line in stored.items() if len(line) % 2] == []
