"""What remains true when the whole system is killed in the middle of its work."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.books import Books
from tests.faults.clients import Journal
from tests.faults.ground import Ground, dice
from tests.system import System


def kill_under_load(ground: Ground, kills: int, journal: Journal, chance: random.Random) -> float:
    """Kill the system so many times in the middle of load; return the slowest restart's seconds."""
    restarts = [ground.system.start()]
    with ground.load(journal) as clients:
        for _ in range(kills):
            clients.more(5)
            time.sleep(chance.uniform(0.0, 0.5))  # anywhere in the work
            ground.system.kill()
            restarts.append(ground.system.start())
    return max(restarts)


def check(
    tmp_path: Path, model: Path, journal: Journal, note: Callable[..., None], kills: int
) -> None:
    """Kill under load, then hold the clients' journal against everything inside."""
    system = System(tmp_path / "data", {"QYZMET_MODEL": str(model)})
    ground = Ground(system, Books.embedded(system.data))
    try:
        slowest = kill_under_load(ground, kills, journal, dice())
        assert system.stop() == 0
        account = ground.audit(journal)
    finally:
        system.end()
    note(account, kills=kills, restart=f"{slowest:.1f}s")
    assert account.acknowledged > kills * 5
    assert any(one["event"] == "accept" and one["status"] == 200 for one in journal.entries())
    assert account.is_clean, account


def test_five_kills_lose_double_and_reorder_nothing(
    tmp_path: Path, model: Path, journal: Journal, note: Callable[..., None]
) -> None:
    """After each of five kills the system goes on by itself, and the ledger is clean."""
    check(tmp_path, model, journal, note, kills=5)


@pytest.mark.many
@pytest.mark.timeout(5400)
def test_a_hundred_kills_lose_double_and_reorder_nothing(
    tmp_path: Path, model: Path, journal: Journal, note: Callable[..., None]
) -> None:
    """The same, a hundred times."""
    check(tmp_path, model, journal, note, kills=100)
