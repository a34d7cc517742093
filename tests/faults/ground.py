"""A running system to break things on, and what remains to be said afterwards."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.chassis.auth import Issuer
from services.chassis.principal import Principal, Role
from tests.faults import ledger
from tests.faults.books import Books
from tests.faults.clients import Clients, Journal
from tests.faults.ledger import Account
from tests.system import System

OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
TOKEN_SECONDS = 7200


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

    @contextmanager
    def load(self, journal: Journal) -> Iterator[Clients]:
        """Keep citizens and an office busy in the block; then wait until all is quiet."""
        token = Issuer.at(self.system.data / "secrets").issue(OFFICER, seconds=TOKEN_SECONDS)
        clients = Clients(self.system.url, journal, token, cursor=self.cursor)
        with clients.busy():
            clients.more(2)
            yield clients
            clients.more(5)
        self.cursor = clients.cursor
        ledger.wait_until_quiet(self.books)

    def audit(self, journal: Journal) -> Account:
        """Hold a journal against the books."""
        return ledger.audit(journal, self.books)
