"""What remains true of webhooks when receivers fail at random and delivery is killed."""

import json
import random
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.auth import Issuer
from tests.faults.books import Books
from tests.faults.clients import Journal
from tests.faults.conftest import SHORT, ended
from tests.faults.ground import OFFICER, TOKEN_SECONDS, Ground, dice
from tests.receiver import Answer, Call, Receiver, receiving
from tests.system import Apart

PATIENCE_SECONDS = 180.0
TIMEOUT_SECONDS = 1.0
FAILS, HANGS = 0.30, 0.05


@dataclass
class Office:
    """A receiver that fails now and then, and works with each event that is newer."""

    chance: random.Random
    versions: dict[str, int] = field(default_factory=dict)
    effects: list[tuple[str, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    calls: int = 0
    disorder: int = 0

    def answer(self, call: Call) -> Answer:
        """Fail before the work is done, hang after it is, or answer well."""
        with self.lock:
            self.calls += 1
            drawn = self.chance.random()
            if drawn < FAILS:
                return Answer(500)
            self._take(call.event["event"])
        if drawn < FAILS + HANGS:
            return Answer(before=lambda: time.sleep(TIMEOUT_SECONDS * 1.5))
        return Answer()

    def _take(self, event: dict[str, Any]) -> None:
        case, version = event["case_id"], event["case_version"]
        if version <= self.versions.get(case, 0):
            return
        # The first event an office is told of a case is not the case's first.
        self.disorder += case in self.versions and version != self.versions[case] + 1
        self.versions[case] = version
        self.effects.append((case, version))


def system(tmp_path: Path, model: Path) -> Apart:
    pauses = tmp_path / "pauses.toml"
    pauses.write_text(f"pauses = {json.dumps([0.1, 0.2, 0.3, 0.5] + [1.0] * 60)}")
    hooks = {
        "QYZMET_WEBHOOKS__ALLOWED_NETWORKS": "127.0.0.1/32",
        "QYZMET_WEBHOOKS__TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
        "QYZMET_WEBHOOKS__PAUSES": str(pauses),
    }
    return Apart(tmp_path / "data", {"QYZMET_MODEL": str(model), **SHORT, **hooks})


def subscribe(running: Apart, receiver: Receiver) -> httpx.Client:
    """Make and activate a webhook of MIA, and return the office's client."""
    token = Issuer.at(running.data / "secrets").issue(OFFICER, seconds=TOKEN_SECONDS)
    client = httpx.Client(
        base_url=f"{running.url}/v1/offices/MIA",
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
    wanted = {"name": "desk", "kind": "webhook", "url": receiver.url}
    client.post("/subscriptions", json=wanted).raise_for_status()
    client.post("/subscriptions/desk:activate").raise_for_status()
    return client


def feed(client: httpx.Client) -> list[tuple[str, int]]:
    """Return what the office was to be told."""
    told: list[tuple[str, int]] = []
    after = 0
    while page := client.get("/events", params={"after_sequence": after}).json()["events"]:
        told += [(one["event"]["case_id"], one["event"]["case_version"]) for one in page]
        after = page[-1]["sequence"]
    return told


def check(
    tmp_path: Path,
    model: Path,
    journal: Journal,
    note: Callable[..., None],
    *,
    kills: int,
    cases: int,
) -> None:
    chance = dice()
    office = Office(chance)
    with receiving() as receiver, ended(system(tmp_path, model)) as running:
        receiver.answer = office.answer
        ground = Ground(running, Books.embedded(running.data))
        with closing(subscribe(running, receiver)) as client:
            with ground.load(journal) as clients:
                for _ in range(kills):
                    clients.more(cases // kills)
                    time.sleep(chance.uniform(0.0, 0.5))  # anywhere in the work
                    running.kill("delivery")
                    running.serve("delivery")
                    running.wait_ready()
            wanted = feed(client)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while len(office.effects) < len(wanted) and time.monotonic() < deadline:
                time.sleep(0.1)
            dead = client.get("/subscriptions/desk/dead-letters").json()["dead_letters"]
        account = ground.audit(journal)
    note(account, kills=kills, webhooks=len(wanted), calls=office.calls)
    assert account.acknowledged >= cases
    assert account.is_clean, account
    assert len(wanted) > kills * 10  # an office that is told nothing proves nothing
    assert dead == []
    assert len(office.effects) == len(set(office.effects))
    assert sorted(office.effects) == sorted(wanted)
    assert office.disorder == 0


@pytest.mark.timeout(420)
def test_webhooks_arrive_in_order_once_through_three_kills(
    tmp_path: Path, model: Path, journal: Journal, note: Callable[..., None]
) -> None:
    """30 % of calls fail and 5 % hang; every event arrives, in order per case, effects once."""
    check(tmp_path, model, journal, note, kills=3, cases=30)


@pytest.mark.many
@pytest.mark.timeout(3600)
def test_webhooks_arrive_in_order_once_through_twenty_kills(
    tmp_path: Path, model: Path, journal: Journal, note: Callable[..., None]
) -> None:
    """The same, twenty times in the middle of 1,000 cases."""
    check(tmp_path, model, journal, note, kills=20, cases=1000)
