"""Reports and tables tell of the register in force, whatever the files beside it say."""

import csv
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.cli.audit import dossier, tables
from deploy.cli.audit.register import in_force
from services.catalog import events
from services.catalog.app import MIGRATIONS
from services.catalog.domain import Catalogue
from services.catalog.store import bundled_folder, read_folder
from services.catalog.store.drafts import SqlRegister
from services.chassis.application import utc_now
from services.chassis.database import open_database
from tests.unit.audit.stories import NOON
from tests.unit.cli.logs import Log


@pytest.fixture(scope="module")
def files() -> Catalogue:
    return read_folder(bundled_folder())


@pytest.fixture
def published(files: Catalogue) -> Catalogue:
    """Give what a steward published: a service less than in the files."""
    return replace(files, services=files.services[1:])


@pytest.fixture
def log(tmp_path: Path, files: Catalogue, published: Catalogue) -> Log:
    """Give a system that began with the files, on which a steward then published."""
    grown = Log(tmp_path)
    with closing(open_database(grown.settings, "catalog", MIGRATIONS)) as database:
        register = SqlRegister(database, events.to_outbox, utc_now)
        register.begin(files)
        register.take(published, "aigul")
    return grown


def test_the_report_is_told_by_the_register_in_force(log: Log, published: Catalogue) -> None:
    """Its coverage names that version."""
    told = dossier.answers(log.settings, log.database, NOON)
    log.database.close()

    assert told["coverage"]["catalogue_version"] == published.version


def test_the_table_of_services_is_the_register_in_force(
    log: Log, published: Catalogue, tmp_path: Path
) -> None:
    """As the cases beside it were decided by it."""
    log.database.close()
    counts = dict(tables.write(log.settings, tmp_path / "out", "csv"))

    with (tmp_path / "out" / "services.csv").open(newline="") as file:
        ids = [row["service_id"] for row in csv.DictReader(file)]
    assert ids == [service.id for service in published.services]
    assert counts["services"] == len(ids)


def test_a_system_that_never_began_has_its_files(tmp_path: Path, files: Catalogue) -> None:
    """There is nothing else in force."""
    empty = Log(tmp_path)
    empty.database.close()

    assert in_force(empty.settings).version == files.version
