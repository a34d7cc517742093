"""Every service's tables, made and taken back by its migrations."""

from pathlib import Path

import pytest

import services
from services.chassis.config import Settings
from services.chassis.database import Database, migrate, open_database

ROOT = Path(next(iter(services.__path__)))
MIGRATIONS = sorted(path.parent for path in ROOT.glob("*/migrations/**/versions"))


def schema(database: Database) -> set[str]:
    with database.read() as connection:
        found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {row.sql for row in found} - {None}


@pytest.mark.parametrize("folder", MIGRATIONS, ids=lambda path: "-".join(path.parts[-3:]))
def test_tables_go_up_and_down_and_up_again(tmp_path: Path, folder: Path) -> None:
    """Every service's migrations can be taken back, whole."""
    database = open_database(Settings(data_dir=tmp_path), "some", folder)
    up = schema(database)

    migrate(database.engine, folder, to="base")
    down = schema(database)
    migrate(database.engine, folder)

    assert len(up) > 1
    assert [sql for sql in down if "alembic_version" not in sql] == []
    assert schema(database) == up
    database.close()


@pytest.mark.parametrize("folder", MIGRATIONS, ids=lambda path: "-".join(path.parts[-3:]))
def test_opening_again_changes_nothing(tmp_path: Path, folder: Path) -> None:
    """A second start finds its tables as they are."""
    settings = Settings(data_dir=tmp_path)
    first = open_database(settings, "some", folder)
    before = schema(first)
    first.close()

    again = open_database(settings, "some", folder)

    assert schema(again) == before
    again.close()
