"""What remains true when the whole system is killed in the middle of its work."""

import random
import time
from pathlib import Path

import pytest

from services.chassis.auth import Issuer
from services.chassis.principal import Principal, Role
from tests.faults import ledger
from tests.system import System

OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
TOKEN_SECONDS = 7200


def kill_under_load(system: System, kills: int, journal: ledger.Journal) -> list[float]:
    """Kill the system so many times in the middle of load; return the seconds of each restart."""
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201  so that a failure can be looked at again
    dice = random.Random(seed)
    system.start()
    token = Issuer.at(system.data / "secrets").issue(OFFICER, seconds=TOKEN_SECONDS)
    clients = ledger.Clients(system.url, journal, token)
    restarts = []
    with clients.busy():
        for _ in range(kills):
            before = clients.acknowledged
            while clients.acknowledged < before + 5:
                time.sleep(0.005)
            time.sleep(dice.uniform(0.0, 0.5))
            system.kill()
            restarts.append(system.start())
        time.sleep(0.5)
    ledger.wait_until_quiet(system.data)
    return restarts


def check(tmp_path: Path, model: Path, kills: int) -> None:
    """Kill under load, then hold the clients' journal against everything inside."""
    system = System(tmp_path / "data", {"QYZMET_MODEL": str(model)})
    journal = ledger.Journal(tmp_path / "journal.jsonl")
    try:
        restarts = kill_under_load(system, kills, journal)
        assert system.stop() == 0
        account = ledger.audit(journal, system.data)
    finally:
        system.end()
        journal.close()
    slowest = max(restarts)
    print(f"{account} · {kills} kills · slowest restart {slowest:.1f} s")  # noqa: T201
    assert account.acknowledged > kills * 5
    assert any(one["event"] == "accept" and one["status"] == 200 for one in journal.entries())
    assert account.is_clean, account


@pytest.mark.timeout(600)
def test_ten_kills_lose_double_and_reorder_nothing(tmp_path: Path, model: Path) -> None:
    """After each of ten kills the system goes on by itself, and the ledger is clean."""
    check(tmp_path, model, kills=10)


@pytest.mark.many
@pytest.mark.timeout(5400)
def test_a_hundred_kills_lose_double_and_reorder_nothing(tmp_path: Path, model: Path) -> None:
    """The same, a hundred times."""
    check(tmp_path, model, kills=100)
