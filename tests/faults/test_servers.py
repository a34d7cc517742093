"""What remains true when Kafka or PostgreSQL is killed, hangs, or is slow, under every service."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from services.chassis.config import Kafka
from tests.faults.clients import Clients, Journal
from tests.faults.conftest import PUBLISH_SECONDS
from tests.faults.ground import Servers, dice

LATER = {(503, True)}
"""How a submission is refused without a database: come back later."""
UNKNOWN = {(504, True)}
"""How one is refused whose fate a database that hangs did not tell in time: ask again."""
RPC_THREADS = 16
"""Of a service, by default."""
SLOW_POLL_SECONDS = 3.0
SLOW = {
    "QYZMET_STATEMENT_SECONDS": "60",
    "QYZMET_KAFKA__POLL_INTERVAL_SECONDS": str(SLOW_POLL_SECONDS),
    "QYZMET_LOG_LEVEL": "info",
}
WAIT_FOR_IT = "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
AWAY_SECONDS = 1.5 * Kafka().publish_seconds
MANY = 24
"""Callers at once, more than a service has threads."""


def finish(ground: Servers, journal: Journal, note: Callable[..., None]) -> None:
    """Hold the journal against the books."""
    account = ground.audit(journal)
    note(account, refused=journal.refusals().total())
    assert account.is_clean, account


def go_on(clients: Clients, seconds: float) -> None:
    """See that submissions are accepted, for so long at least."""
    begin = time.monotonic()
    clients.more(10)
    clients.until(lambda: time.monotonic() > begin + seconds)


def test_the_broker_is_killed(
    servers: Servers, journal: Journal, note: Callable[..., None]
) -> None:
    """Submissions are accepted all the while, and what waits goes out when it is back."""
    with servers.load(journal) as clients:
        servers.broker.kill()
        go_on(clients, 0)
        servers.broker.start()

    finish(servers, journal, note)
    assert not journal.refusals()


@pytest.mark.parametrize("times", [0.3, 1.5], ids=["shorter", "longer"])
def test_the_broker_is_away_for_another_time_than_publishing_waits(
    servers: Servers, journal: Journal, note: Callable[..., None], times: float
) -> None:
    """Whether the messages in hand are given up or not, nobody has to help."""
    with servers.load(journal) as clients:
        servers.broker.kill()
        go_on(clients, PUBLISH_SECONDS * times)
        servers.broker.start()

    finish(servers, journal, note)
    assert not journal.refusals()


@pytest.mark.many
def test_the_broker_is_away_for_a_minute_and_a_half(
    patient: Servers, journal: Journal, note: Callable[..., None]
) -> None:
    """With the settings of production, which give a message up after a minute."""
    with patient.load(journal) as clients:
        patient.broker.kill()
        go_on(clients, AWAY_SECONDS)
        patient.broker.start()

    finish(patient, journal, note)
    assert not journal.refusals()


@pytest.mark.parametrize("times", [0.3, 1.5], ids=["shorter", "longer"])
def test_the_broker_hangs(
    servers: Servers, journal: Journal, note: Callable[..., None], times: float
) -> None:
    """Connections stay open and nothing answers; it is like one that is away."""
    with servers.load(journal) as clients:
        servers.broker.pause()
        try:
            go_on(clients, PUBLISH_SECONDS * times)
        finally:
            servers.broker.resume()

    finish(servers, journal, note)
    assert not journal.refusals()


def test_the_database_is_killed(
    servers: Servers, journal: Journal, note: Callable[..., None]
) -> None:
    """Submissions are told to come later, and are taken as soon as it is back."""
    with servers.load(journal) as clients:
        servers.postgres.kill()
        clients.until(lambda: clients.refused >= 20)
        servers.postgres.start()

    finish(servers, journal, note)
    assert LATER <= journal.refusals().keys() <= LATER | UNKNOWN


def test_the_database_hangs(servers: Servers, journal: Journal, note: Callable[..., None]) -> None:
    """Callers are told so in time, and no threads pile up behind it."""
    with servers.load(journal, MANY) as clients:
        before = threads(servers, "cases")
        servers.postgres.pause()
        try:
            clients.until(lambda: clients.refused >= 2 * MANY)
            during = threads(servers, "cases")
        finally:
            servers.postgres.resume()

    finish(servers, journal, note)
    assert during <= before + RPC_THREADS
    assert journal.refusals().keys() <= LATER | UNKNOWN


@pytest.fixture
def slow(servers: Servers) -> Iterator[None]:
    """Let two members of delivery wait for locks for longer than they may go without a poll."""
    servers.system.kill("delivery")
    servers.system.spawn("serve", "delivery", **SLOW)
    other = servers.second("delivery", **SLOW)
    servers.system.wait_ready()
    yield
    servers.system.kill("delivery", other)
    servers.system.serve("delivery")


@pytest.mark.usefixtures("slow")
def test_a_handler_is_slower_than_its_poll_interval(
    servers: Servers, journal: Journal, note: Callable[..., None]
) -> None:
    """Others are given its batch meanwhile; whoever is first, it takes effect once."""
    with servers.load(journal) as clients, psycopg.connect(servers.database) as other:
        other.execute("LOCK TABLE delivery.offices IN ACCESS EXCLUSIVE MODE")
        clients.until(lambda: other.execute(WAIT_FOR_IT, ["delivery.offices"]).fetchone() != (0,))
        go_on(clients, 2.5 * SLOW_POLL_SECONDS)
        other.rollback()

    finish(servers, journal, note)
    assert not journal.refusals()
    assert "bus.group_lost" in servers.system.log()


@pytest.mark.many
@pytest.mark.timeout(5400)
def test_servers_are_broken_again_and_again(
    servers: Servers, journal: Journal, note: Callable[..., None]
) -> None:
    """Thirty times, either of the two, in either way."""
    chance = dice()
    with servers.load(journal) as clients:
        for _ in range(30):
            server = chance.choice([servers.broker, servers.postgres])
            breaks, heals = chance.choice(
                [(server.kill, server.start), (server.pause, server.resume)]
            )
            clients.more(10)
            breaks()
            time.sleep(chance.uniform(0.0, 2 * PUBLISH_SECONDS))
            heals()

    finish(servers, journal, note)
    assert journal.refusals().keys() <= LATER | UNKNOWN


def threads(servers: Servers, name: str) -> int:
    """Count the threads of a service."""
    return len(list(Path(f"/proc/{servers.system.processes[name].pid}/task").iterdir()))
