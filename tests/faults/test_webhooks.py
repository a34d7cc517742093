"""An office is told the same by topic, stream and webhook, whoever fails or is killed."""

import json
import random
import threading
import time
from collections.abc import Callable, Sequence, Sized
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from services.chassis.auth import Issuer
from tests.faults.books import Books
from tests.faults.clients import Journal
from tests.faults.conftest import SHORT
from tests.faults.ground import OFFICER, TOKEN_SECONDS, Ground, dice
from tests.faults.streams import Told, Work, by_case, reading
from tests.receiver import Answer, Call, Receiver, receiving
from tests.system import Apart, started

PATIENCE_SECONDS = 180.0
TIMEOUT_SECONDS = 1.0
FAILS, HANGS = 0.30, 0.05


@dataclass
class Office:
    """A receiver that fails now and then, and works with each event that is newer."""

    chance: random.Random
    work: Work = field(default_factory=Work)
    lock: threading.Lock = field(default_factory=threading.Lock)
    calls: int = 0

    def answer(self, call: Call) -> Answer:
        """Fail before the work is done, hang after it is, or answer well."""
        with self.lock:
            self.calls += 1
            drawn = self.chance.random()
            if drawn < FAILS:
                return Answer(500)
            event = call.event["event"]
            self.work.take(event["case_id"], event["case_version"])
        if drawn < FAILS + HANGS:
            return Answer(before=lambda: time.sleep(TIMEOUT_SECONDS * 1.5))
        return Answer()


def system(tmp_path: Path, model: Path) -> Apart:
    pauses = tmp_path / "pauses.toml"
    pauses.write_text(f"pauses = {json.dumps([0.1, 0.2, 0.3, 0.5] + [1.0] * 60)}")
    hooks = {
        "QYZMET_WEBHOOKS__ALLOWED_NETWORKS": "127.0.0.1/32",
        "QYZMET_WEBHOOKS__TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
        "QYZMET_WEBHOOKS__PAUSES": str(pauses),
    }
    return Apart(tmp_path / "data", {"QYZMET_MODEL": str(model), **SHORT, **hooks})


def subscribe(running: Apart, receiver: Receiver, token: str) -> httpx.Client:
    """Make a stream and a webhook of MIA, activate it, and return the office's client."""
    client = httpx.Client(
        base_url=f"{running.url}/v1/offices/MIA",
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
    wanted = {"name": "desk", "kind": "webhook", "url": receiver.url}
    client.post("/subscriptions", json=wanted).raise_for_status()
    client.post("/subscriptions/desk:activate").raise_for_status()
    client.post("/subscriptions", json={"name": "program", "kind": "stream"}).raise_for_status()
    return client


def feed(client: httpx.Client) -> list[Told]:
    """Return what the office was to be told."""
    told: list[Told] = []
    after = 0
    while page := client.get("/events", params={"after_sequence": after}).json()["events"]:
        told += [(one["event"]["case_id"], one["event"]["case_version"]) for one in page]
        after = page[-1]["sequence"]
    return told


def topic(books: Books) -> list[Told]:
    """Return what a reader of the office's topic works with, and see that nothing was left out."""
    work = Work()
    for case, _, value in books.history("qyzmet.office.MIA.v1"):
        work.take(case, json.loads(value)["case_version"])
    assert work.disorder == 0
    return work.effects


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until something is so, or for too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def wait_for(ways: Sequence[Sized], count: int) -> None:
    """Wait until each way told all there is, or told nothing new for too long."""
    told, last = 0, time.monotonic()
    while min(map(len, ways)) < count and time.monotonic() < last + PATIENCE_SECONDS:
        if (now := sum(map(len, ways))) > told:
            told, last = now, time.monotonic()
        time.sleep(0.1)


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
    with receiving() as receiver, started(system(tmp_path, model)) as running:
        receiver.answer = office.answer
        ground = Ground(running, Books.embedded(running.data))
        token = Issuer.at(running.data / "secrets").issue(OFFICER, seconds=TOKEN_SECONDS)
        door = running.settings["QYZMET_ADDRESSES__FEED"]
        with (
            closing(subscribe(running, receiver, token)) as client,
            reading(door, "MIA", "program", token) as program,
        ):
            with ground.load(journal) as clients:
                for opened in range(1, kills + 1):
                    wait_until(lambda: program.opened >= opened)  # noqa: B023  waited for here
                    clients.more(cases // kills)
                    time.sleep(chance.uniform(0.0, 0.5))  # anywhere in the work
                    running.kill("delivery")
                    running.serve("delivery")
                    running.wait_ready()
                wait_until(lambda: program.opened > kills)
            wanted = feed(client)
            wait_for((office.work.effects, program.work.effects), len(wanted))
            dead = client.get("/subscriptions/desk/dead-letters").json()["dead_letters"]
        account, published = ground.audit(journal), topic(ground.books)
    note(account, kills=kills, webhooks=len(wanted), calls=office.calls, opened=program.opened)
    assert account.acknowledged >= cases
    assert account.is_clean, account
    assert len(wanted) > kills * 10  # an office that is told nothing proves nothing
    assert dead == []
    assert program.opened > kills  # the stream was read before, between and after them
    assert program.work.effects == published == wanted
    assert by_case(office.work.effects) == by_case(wanted)


def test_topic_stream_and_webhooks_tell_the_same_through_three_kills(
    tmp_path: Path, model: Path, journal: Journal, note: Callable[..., None]
) -> None:
    """30 % of calls fail and 5 % hang; by each way every event arrives, in order, effects once."""
    check(tmp_path, model, journal, note, kills=3, cases=30)


@pytest.mark.many
@pytest.mark.timeout(3600)
def test_topic_stream_and_webhooks_tell_the_same_through_twenty_kills(
    tmp_path: Path, model: Path, journal: Journal, note: Callable[..., None]
) -> None:
    """The same, twenty times in the middle of 1,000 cases."""
    check(tmp_path, model, journal, note, kills=20, cases=1000)
