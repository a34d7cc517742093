"""What every fault is held against, and the table of what was found."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.postgres.server import Server
from tests.faults.books import Books, KafkaLog, Postgres
from tests.faults.clients import Journal
from tests.faults.ground import Ground, Servers
from tests.faults.ledger import Account
from tests.servers import kafka, postgres
from tests.servers.disk import Disk
from tests.system import Apart, started

SHORT = {
    "QYZMET_LEASE_SECONDS": "2",
    "QYZMET_LOG_LEVEL": "warning",
}
"""Time-outs that a test can wait for."""


PUBLISH_SECONDS = 5.0
STATEMENT_SECONDS = 2.0
SHORT_WITH_SERVERS = {
    "QYZMET_STATEMENT_SECONDS": str(STATEMENT_SECONDS),
    "QYZMET_KAFKA__SESSION_SECONDS": "3",
    "QYZMET_KAFKA__POLL_INTERVAL_SECONDS": "6",
    "QYZMET_KAFKA__PUBLISH_SECONDS": str(PUBLISH_SECONDS),
    "QYZMET_KAFKA__ANSWER_SECONDS": "2",
}

LEFT = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket.socket .*proto=6:pytest.PytestUnraisableExceptionWarning"
)
"""Where brokers die and hang, kafka-python leaves connections to the garbage collector, too."""

Place = Iterator[Ground]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no test of faults fail by what another's client left."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(LEFT)


@pytest.fixture(scope="session")
def embedded_apart(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Give a system on the embedded tier, each service in a process of its own."""
    data = tmp_path_factory.mktemp("embedded") / "data"
    with started(Apart(data, {"QYZMET_MODEL": str(model), **SHORT})) as system:
        yield Ground(system, Books.embedded(data))


@pytest.fixture(scope="session")
def servers_apart(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Give a system on a broker and a database server of its own, which may be broken."""
    settings = {**SHORT, **SHORT_WITH_SERVERS}
    with on_servers(model, tmp_path_factory.mktemp("servers"), settings) as servers:
        yield servers


@pytest.fixture
def patient(model: Path, tmp_path: Path) -> Iterator[Servers]:
    """Give such a system with the patience it has in production, which tests seldom wait for."""
    with on_servers(model, tmp_path, {"QYZMET_LOG_LEVEL": "warning"}) as servers:
        servers.system.wait_ready()
        yield servers


@pytest.fixture
def cramped(model: Path, tmp_path: Path, disk: Disk) -> Iterator[Servers]:
    """Give such a system whose PostgreSQL has a small disk."""
    settings = {**SHORT, **SHORT_WITH_SERVERS}
    with on_servers(model, tmp_path, settings, postgres.own_on(disk)) as servers:
        servers.system.wait_ready()
        yield servers


@contextmanager
def on_servers(
    model: Path,
    folder: Path,
    settings: Mapping[str, str],
    database: AbstractContextManager[Server] | None = None,
) -> Iterator[Servers]:
    """Run a system on servers of its own."""
    with kafka.own(folder / "broker") as broker, database or postgres.own() as server:
        tier = {"QYZMET_BUS": f"kafka://{broker.address}", "QYZMET_DATABASE": server.url}
        books = Books(Postgres(server.url), KafkaLog(broker.address))
        system = Apart(folder / "data", {"QYZMET_MODEL": str(model), **tier, **settings})
        with started(system):
            yield Servers(system, books, broker=broker, postgres=server, database=server.url)


@pytest.fixture
def servers(servers_apart: Servers) -> Servers:
    """Give the system on real servers; what the last fault left is seen to be whole."""
    servers_apart.system.wait_ready()
    return servers_apart


@pytest.fixture
def embedded(embedded_apart: Ground) -> Ground:
    """Give the system on the embedded tier; what the last fault left is seen to be whole."""
    embedded_apart.system.wait_ready()
    return embedded_apart


@pytest.fixture(params=["servers", pytest.param("embedded", marks=pytest.mark.many)])
def ground(request: pytest.FixtureRequest) -> Ground:
    """Give the system on each tier."""
    found: Ground = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Give a client's journal."""
    kept = Journal(tmp_path / "journal.jsonl")
    yield kept
    kept.close()


@pytest.fixture
def note(
    record_property: Callable[[str, object], None], request: pytest.FixtureRequest
) -> Callable[..., None]:
    """Put an account into the table that ends the run, with whatever else was counted."""

    def write(account: Account, **counted: object) -> None:
        told = {"fault": request.node.name.removeprefix("test_"), **vars(account), **counted}
        record_property("ledger", told)

    return write


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print a line for every fault."""
    rows = [
        value
        for kind in ("passed", "failed")
        for report in terminalreporter.getreports(kind)
        for name, value in report.user_properties
        if name == "ledger"
    ]
    if not rows:
        return
    terminalreporter.section("ledger")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    widths = {c: max(len(c), *(len(str(row.get(c, ""))) for row in rows)) for c in columns}
    for row in ({c: c for c in columns}, *rows):
        terminalreporter.write_line(
            "  ".join(str(row.get(c, "")).ljust(widths[c]) for c in columns)
        )
