"""A running system to break things on, and what remains to be said afterwards."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from services.chassis.auth import Issuer
from services.chassis.principal import Principal, Role
from tests.e2e.people import Person
from tests.e2e.words import Words
from tests.faults import ledger
from tests.faults.books import Books
from tests.faults.clients import CALL_SECONDS, Clients, Journal
from tests.faults.ledger import Account
from tests.system import System, doors, listens

OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
TOKEN_SECONDS = 7200
HOLD_SECONDS = 60.0
TURN_SECONDS = 8.0
LOOK_SECONDS = 0.05


def _is_ours(seen: dict[str, Any]) -> bool:
    return bool(seen["suggestions"][0]["agency"] in OFFICER.offices)


def dice() -> random.Random:
    """Return dice that can be thrown again: their seed is printed, and shown where a test fails."""
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201
    return random.Random(seed)


@dataclass
class Ground:
    """A system, its books, and how far its office has read."""

    system: System
    books: Books
    cursor: int = field(default=0)
    _texts: list[str] = field(default_factory=list)

    @contextmanager
    def load(self, journal: Journal, submitters: int = 4) -> Iterator[Clients]:
        """Keep citizens and an office busy in the block; then wait until all is quiet."""
        token = Issuer.at(self.system.data / "secrets").issue(OFFICER, seconds=TOKEN_SECONDS)
        clients = Clients(
            self.system.url,
            journal,
            token,
            self.texts(),
            submitters=submitters,
            cursor=self.cursor,
        )
        with clients.busy():
            clients.more(2)
            yield clients
            clients.more(5)
        self.cursor = clients.cursor
        ledger.wait_until_quiet(self.books)

    def texts(self) -> list[str]:
        """Return requests of every kind: most go to our office by themselves, in today's model."""
        if not self._texts:
            with httpx.Client(base_url=self.system.url, timeout=CALL_SECONDS) as client:
                words = Words(Person(client))
                ours = words.of("route", where=_is_ours)
                others = [words.of(outcome) for outcome in ("route", "confirm", "triage")]
            self._texts = [ours] * len(others) + others
        return self._texts

    def second(self, name: str, **settings: str) -> str:
        """Start another member of a service beside the first, at doors of its own."""
        member, own = f"{name}-b", doors()
        self.system.spawn("serve", name, name=member, QYZMET_MEMBER="b", **own, **settings)
        door = own[f"QYZMET_ADDRESSES__{name.upper()}"]
        self.system.wait(lambda: listens(door), f"{member} does not listen")
        return member

    def hold(self, name: str, condition: Callable[[], bool]) -> None:
        """Stop a process in its tracks until others have made something true without it.

        Where it held what the others need, it goes on for a moment and is held elsewhere.
        """
        deadline = time.monotonic() + HOLD_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"nobody took over from {name}"
            self.system.send(signal.SIGSTOP, name)
            try:
                again = time.monotonic() + TURN_SECONDS
                while not condition() and time.monotonic() < again:
                    time.sleep(LOOK_SECONDS)
            finally:
                self.system.send(signal.SIGCONT, name)
            time.sleep(LOOK_SECONDS)

    def audit(self, journal: Journal) -> Account:
        """Hold a journal against the books."""
        return ledger.audit(journal, self.books)


class Server(Protocol):
    """A server of our own, which may be broken."""

    def start(self) -> None:
        """Start and wait until it answers."""

    def kill(self) -> None:
        """End it as a crash would."""

    def pause(self) -> None:
        """Let it hang."""

    def resume(self) -> None:
        """Let it go on."""


@dataclass
class Servers(Ground):
    """A system on a Kafka and a PostgreSQL of its own."""

    broker: Server = field(kw_only=True)
    postgres: Server = field(kw_only=True)
    database: str = field(kw_only=True)
