"""`qyzmet topics` knows every topic that a running system makes, and docs/servers.md tells them."""

import sqlite3
from contextlib import closing

import pytest

from deploy.cli.assembly import bus_file
from deploy.cli.topics import wanted
from services.catalog.store import bundled_folder, read_folder
from services.chassis.bus.port import Topic
from services.chassis.testing import settings_in
from tests.system import ROOT, System

OFFICE = "qyzmet.office."
Row = tuple[str, int, int | None, bool]


def row(topic: Topic) -> Row:
    """Return a topic as the embedded bus keeps it."""
    kept = None if topic.retention is None else int(topic.retention.total_seconds() * 1000)
    return topic.name, topic.partitions, kept, topic.compact


@pytest.fixture
def known() -> set[Row]:
    """Give what the command would make."""
    return {row(topic) for topic in wanted(read_folder(bundled_folder()).offices())}


@pytest.fixture
def made(system: System) -> set[Row]:
    """Give what the services of a running system made."""
    with closing(sqlite3.connect(bus_file(settings_in(system.data)))) as connection:
        rows = connection.execute("SELECT name, partitions, retention_ms, compact FROM topics")
        return {(name, count, kept, bool(compact)) for name, count, kept, compact in rows}


def test_every_topic_that_services_make_is_known(made: set[Row], known: set[Row]) -> None:
    """Where brokers let services create nothing, it would be missing."""
    assert made - known == set()


def test_no_topic_is_made_that_no_service_uses(made: set[Row], known: set[Row]) -> None:
    """Those of offices are made with their first case."""
    assert {one for one in known - made if not one[0].startswith(OFFICE)} == set()


def test_the_page_on_servers_tells_every_topic(known: set[Row]) -> None:
    """With its partitions."""
    page = (ROOT / "docs/servers.md").read_text("utf-8")
    kinds = {
        f"| `{'qyzmet.office.<code>.v1' if name.startswith(OFFICE) else name}` | {count} |"
        for name, count, *_ in known
    }

    assert [kind for kind in kinds if kind not in page] == []


def test_the_command_makes_them_and_says_so(system: System, kafka_address: str) -> None:
    """Again it finds them as they should be; the embedded bus needs none."""
    bus = f"kafka://{kafka_address}"

    first, again = system.run("topics", "--bus", bus), system.run("topics", "--bus", bus)

    assert (first.returncode, again.returncode) == (0, 0)
    assert "qyzmet.corrections.v1.dlq" in again.stdout
    assert system.run("topics").returncode == 2
