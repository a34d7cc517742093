"""Two releases of a service side by side on one database: the older lives with newer tables."""

import itertools
import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

import services
from services.cases.app import MIGRATIONS
from services.cases.ports import Filter, Status
from services.chassis.config import Settings
from services.chassis.database import Database, database_of, migrate
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import Cabinet, cabinet_in

ROOT = Path(next(iter(services.__path__)))
FOLDERS = sorted(path.parent for path in ROOT.glob("*/migrations/**/versions"))
SAMPLES: dict[type, Sequence[object]] = {
    bool: (False, True),
    str: ("a", "b"),
    int: (1, 2),
    float: (1.5, 2.5),
}
ANYBODY = Principal("auditor", Role.SERVICE)

CASES = MIGRATIONS / "cases"
NEXT = '''"""A later release's migration.

Revision ID: cases_9999
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_9999"
down_revision = "{head}"


def upgrade() -> None:
    {change}


def downgrade() -> None:
    pass
'''
EXPANDING = {
    "a column that may be empty": 'op.add_column("cases", sa.Column("priority", sa.Text))',
    "a column with a default": (
        'op.add_column("steps", sa.Column("weight", sa.Integer, nullable=False, '
        'server_default="0"))'
    ),
    "a table": 'op.create_table("tags", sa.Column("case_id", sa.Text, primary_key=True))',
    "an index": 'op.create_index("steps_by_time", "steps", ["event_time"])',
}
BREAKING = {
    "a column that must be filled": (
        'op.execute("ALTER TABLE steps ADD COLUMN weight INTEGER NOT NULL DEFAULT 0"); '
        'op.alter_column("steps", "weight", server_default=None)'
    ),
    "another name": 'op.alter_column("cases", "office", new_column_name="office_code")',
    "a column less": 'op.drop_column("steps", "reason_code")',
}


def revisions(folder: Path) -> list[str]:
    """Name the revisions of a folder, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    script = ScriptDirectory.from_config(config)
    return [found.revision for found in reversed(list(script.walk_revisions()))]


STEPS = [
    pytest.param(folder, old, new, id=f"{old}-{new}")
    for folder in FOLDERS
    for old, new in itertools.pairwise(revisions(folder))
]


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = database_of(settings, "cases")
    yield database
    database.close()


def sample(column: sa.Column[Any], number: int) -> object:
    """Return a value of the column's type."""
    if isinstance(column.type, sa.LargeBinary):
        return bytes([number])
    return SAMPLES[column.type.python_type][number]


def row_of(table: sa.Table, number: int) -> dict[str, object]:
    return {column.name: sample(column, number) for column in table.columns}


def tables_of(database: Database) -> Sequence[sa.Table]:
    """Return the tables as they are now; who is pointed at comes first."""
    found = sa.MetaData()
    with database.read() as connection:
        found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def run_statements_of(tables: Sequence[sa.Table], connection: sa.Connection) -> None:
    """Do all that code which knows just these columns may do: insert, select, update, delete."""
    for table in reversed(tables):  # rows that a migration brought along
        connection.execute(sa.delete(table))
    for table in tables:
        connection.execute(sa.insert(table), [row_of(table, number) for number in (0, 1)])
    for table in tables:
        keys = [column.name for column in table.primary_key.columns]
        found = connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all()
        assert [row._asdict() for row in found] == [row_of(table, number) for number in (0, 1)]
        changed = {k: v for k, v in row_of(table, 1).items() if k not in keys}
        first = [table.c[key] == row_of(table, 0)[key] for key in keys]
        if changed and not table.constraints - {table.primary_key}:
            connection.execute(sa.update(table).where(*first).values(changed))
    for table in reversed(tables):
        connection.execute(sa.delete(table))


@pytest.mark.parametrize(("folder", "old", "new"), STEPS)
def test_what_the_release_before_says_is_understood(
    database: Database, folder: Path, old: str, new: str
) -> None:
    """Every statement on the tables of a revision works on the tables of the next."""
    migrate(database.writing, folder, to=old)
    before = tables_of(database)

    migrate(database.writing, folder, to=new)

    database.change(lambda connection: run_statements_of(before, connection))


def later_release(folder: Path, change: str) -> Path:
    """Make the migrations of a release that changes the tables once more."""
    later = folder / "later"
    shutil.copytree(CASES, later)
    text = NEXT.format(head=revisions(CASES)[-1], change=change)
    (later / "versions" / "9999_later.py").write_text(text)
    return later


def use(cabinet: Cabinet, key: str) -> None:
    """Do what this release does with its tables."""
    case = cabinet.add(request_id=key)
    assert cabinet.decide(case).status is Status.RECORDED
    assert cabinet.store.get([case.id])[case.id].version == 2
    assert len(cabinet.store.steps(case.id)) == 2
    assert cabinet.store.open([case.id])
    cabinet.store.record_access([case.id], ANYBODY)
    assert cabinet.store.list(Filter(ANYBODY, None, "", "", 1))


@pytest.mark.parametrize("change", EXPANDING.values(), ids=EXPANDING)
def test_a_release_goes_on_while_the_next_changes_the_tables(
    settings: Settings, database: Database, tmp_path: Path, change: str
) -> None:
    """It is used before, during and after, and may be restarted on tables it does not know."""
    later = later_release(tmp_path, change)
    stop = threading.Event()
    with cabinet_in(settings) as cabinet, ThreadPoolExecutor(1) as pool:

        def go_on() -> int:
            for number in itertools.count():
                use(cabinet, f"k{number}")
                if stop.is_set():
                    return number
            return 0

        using = pool.submit(go_on)
        migrate(database.writing, later)
        use(cabinet, "after")
        stop.set()
        using.result()

    with cabinet_in(settings) as restarted:
        use(restarted, "restarted")


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING)
def test_a_change_that_breaks_the_release_before_is_noticed(
    postgres_url: str, tmp_path: Path, change: str
) -> None:
    """The two tests above would fail for it."""
    settings = Settings(data_dir=tmp_path, database=postgres_url)  # type: ignore[arg-type]
    later = later_release(tmp_path, change)
    with cabinet_in(settings) as cabinet:
        use(cabinet, "before")
        before = tables_of(cabinet.database)
        cabinet.database.change(
            lambda connection: [connection.execute(sa.delete(t)) for t in reversed(before)] and None
        )

        migrate(cabinet.database.writing, later)

        with pytest.raises(sa.exc.DBAPIError):
            use(cabinet, "after")
        with pytest.raises(sa.exc.DBAPIError):
            cabinet.database.change(lambda connection: run_statements_of(before, connection))
