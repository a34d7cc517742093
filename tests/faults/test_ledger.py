"""The checker can fail: whatever is taken away, doubled or moved is found and named."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults import ledger
from tests.faults.books import Books
from tests.faults.clients import Journal
from tests.faults.ground import Ground
from tests.system import System

ENOUGH = 30


@pytest.fixture(scope="module")
def kept(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the folder of a system that served for a while, stopped, with the clients' journal."""
    folder = tmp_path_factory.mktemp("kept")
    system = System(folder / "data", {"QYZMET_MODEL": str(model)})
    journal = Journal(folder / "journal.jsonl")
    try:
        system.start()
        with Ground(system, Books.embedded(system.data)).load(journal) as clients:
            clients.more(ENOUGH)
        assert system.stop() == 0
        yield folder
    finally:
        system.end()
        journal.close()


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    """Give a copy to tamper with."""
    return Path(shutil.copytree(kept, tmp_path / "copy"))


def account(folder: Path) -> ledger.Account:
    """Hold the journal of a folder against its data."""
    journal = Journal(folder / "journal.jsonl")
    try:
        return ledger.audit(journal, Books.embedded(folder / "data"))
    finally:
        journal.close()


def tamper(folder: Path, database: str, *statements: str) -> None:
    """Change a database behind the system's back."""
    path = folder / "data" / f"{database}.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement


def test_an_untouched_folder_is_clean(folder: Path) -> None:
    """Nothing is found where nothing was done, and there was something to look at."""
    found = account(folder)

    assert found.is_clean, found
    assert found.acknowledged >= ENOUGH


ONE_CASE = "(select id from cases order by id limit 1)"
ONE_EVENT = "(select min(rowid) from feed where type like '%routed%')"
ACCEPTED_CASE = "(select case_id from feed where type like '%accepted%' limit 1)"
FIRST_ON = (
    "(select topic, partition, min(offset) from records where topic = "
    "(select id from topics where name = '{}') group by partition limit 1)"
)
FIRST_ON_BUS = FIRST_ON.format(ledger.TOPIC)
FIRST_OF_OFFICE = FIRST_ON.format("qyzmet.office.MIA.v1")

TAMPERINGS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "a case is gone": (
        "cases",
        (f"delete from cases where id = {ONE_CASE}",),
        "lost",
    ),
    "a key is forgotten": (
        "cases",
        (f"delete from submissions where case_id = {ONE_CASE}",),
        "lost",
    ),
    "an event of a feed is gone": (
        "delivery",
        (f"delete from feed where rowid = {ONE_EVENT}",),
        "undelivered",
    ),
    "an event is in a feed twice": (
        "delivery",
        (
            "insert into feed select office, (select max(sequence) from feed g where "
            "g.office = f.office) + 1, event_id, type, case_id, case_version, event, enqueue_time "
            f"from feed f where rowid = {ONE_EVENT}",
        ),
        "doubled",
    ),
    "a feed has a gap": (
        "delivery",
        ("update feed set sequence = sequence + 9 where rowid = (select max(rowid) from feed)",),
        "gaps",
    ),
    "two events of a case changed places": (
        "delivery",
        (f"update feed set case_version = 5 - case_version where case_id = {ACCEPTED_CASE}",),
        "out_of_order",
    ),
    "an event is gone from the bus": (
        "bus",
        (f"delete from records where (topic, partition, offset) in {FIRST_ON_BUS}",),
        "gaps",
    ),
    "an event is gone from an office's topic": (
        "bus",
        (f"delete from records where (topic, partition, offset) in {FIRST_OF_OFFICE}",),
        "undelivered",
    ),
    "a decision is not logged": (
        "audit",
        ("delete from decisions where rowid = (select min(rowid) from decisions)",),
        "unlogged",
    ),
    "a decision is logged for another version": (
        "audit",
        ("update decisions set case_version = 9 where rowid = (select min(rowid) from decisions)",),
        "unlogged",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_what_was_done_is_named(folder: Path, name: str) -> None:
    """Each way of tampering shows in the account, under its name."""
    database, statements, fault = TAMPERINGS[name]

    tamper(folder, database, *statements)

    found = account(folder)
    assert getattr(found, fault) > 0, found
    assert not found.is_clean


def test_a_receipt_that_changed_is_named(folder: Path) -> None:
    """One key acknowledged with two cases is a doubled request."""
    journal = Journal(folder / "journal.jsonl")
    first = next(one for one in journal.entries() if one["event"] == "acknowledged")
    journal.write(event="acknowledged", key=first["key"], case_id="another")
    journal.close()

    found = account(folder)

    assert found.doubled == 1
    assert found.lost == 1
