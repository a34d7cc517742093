"""What every fault is held against, and the table of what was found."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.books import Books
from tests.faults.clients import Journal
from tests.faults.ground import Ground
from tests.faults.ledger import Account
from tests.system import Apart

SHORT = {
    "QYZMET_LEASE_SECONDS": "2",
    "QYZMET_RPC_DEADLINE_SECONDS": "5",
    "QYZMET_LOG_LEVEL": "warning",
}
"""Time-outs that a test can wait for."""


@pytest.fixture(scope="session")
def embedded_apart(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Give a system on the embedded tier, each service in a process of its own."""
    data = tmp_path_factory.mktemp("apart") / "data"
    system = Apart(data, {"QYZMET_MODEL": str(model), **SHORT})
    try:
        system.start()
        yield Ground(system, Books.embedded(data))
    finally:
        system.end()


@pytest.fixture(params=["embedded"])
def ground(request: pytest.FixtureRequest) -> Ground:
    """Give a running system of each tier; what the last fault left is seen to be whole."""
    found: Ground = request.getfixturevalue(f"{request.param}_apart")
    found.system.wait_ready()
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
