"""Every service's tables, made and taken back by its migrations."""

import importlib
import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import services
from services.chassis.config import Settings
from services.chassis.database import Database, migrate, open_database

ROOT = Path(next(iter(services.__path__)))
METADATA = {
    "audit/migrations": "services.audit.store.tables:metadata",
    "cases/migrations/cases": "services.cases.store.tables:metadata",
    "cases/migrations/keys": "services.cases.store.tables:keys_metadata",
    "catalog/migrations": "services.catalog.store.tables:metadata",
    "delivery/migrations": "services.delivery.store.clocks:metadata",
}
"""Every folder of migrations, and the tables that its service uses."""

each_folder = pytest.mark.parametrize("folder", METADATA)


def used(folder: str) -> sa.MetaData:
    module, _, name = METADATA[folder].partition(":")
    found: sa.MetaData = getattr(importlib.import_module(module), name)
    return found


def schema(database: Database) -> dict[str, object]:
    """Describe every table as the database itself does."""
    found = sa.inspect(database.reading)
    return {
        name: (
            [(column["name"], str(column["type"])) for column in found.get_columns(name)],
            sorted(_told(index) for index in found.get_indexes(name)),
            found.get_pk_constraint(name)["constrained_columns"],
        )
        for name in found.get_table_names()
    }


def _told(index: Mapping[str, Any]) -> str:
    """Describe an index; of a part of a table, by the words of its condition."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def test_every_folder_of_migrations_is_tried_here() -> None:
    """A folder added without its tables fails this test."""
    found = {path.parent for path in ROOT.glob("*/migrations/**/versions")}
    assert {ROOT / folder for folder in METADATA} == found


@each_folder
def test_tables_go_up_and_down_and_up_again(settings: Settings, folder: str) -> None:
    """Every service's migrations can be taken back, whole."""
    database = open_database(settings, "some", ROOT / folder)
    up = schema(database)

    migrate(database.writing, ROOT / folder, to="base")
    down = schema(database)
    migrate(database.writing, ROOT / folder)

    assert len(up) > 1
    assert down.keys() == {"alembic_version"}
    assert schema(database) == up
    database.close()


@each_folder
def test_the_migrations_make_the_tables_that_are_used(settings: Settings, folder: str) -> None:
    """Tables, columns and types of the code are those of the database."""
    database = open_database(settings, "some", ROOT / folder)

    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, used(folder))

    # Indexes are the migrations' own: the code that reads need not know which there are.
    assert [found for found in differences if found[0] != "remove_index"] == []
    database.close()


@each_folder
def test_opening_again_changes_nothing(settings: Settings, folder: str) -> None:
    """A second start finds its tables as they are."""
    first = open_database(settings, "some", ROOT / folder)
    before = schema(first)
    first.close()

    again = open_database(settings, "some", ROOT / folder)

    assert schema(again) == before
    again.close()


def made(settings: Settings) -> str:
    database = open_database(settings, "some", ROOT / "cases/migrations/cases")
    try:
        return str(schema(database))
    finally:
        database.close()


def test_processes_that_start_together_take_turns(settings: Settings) -> None:
    """Each finds the tables made, by itself or by another."""
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
        found = set(pool.map(made, [settings] * 3))

    assert found == {made(settings)}
