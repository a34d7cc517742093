"""What analysts are told as tables, and the queries of the docs over them."""

import csv
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from deploy.cli.audit.commands import app
from services.audit import app as audit_app
from services.audit.domain.counts import Dimension
from services.audit.domain.demand import Period
from services.audit.domain.facts import day_of
from services.audit.events import TOPIC
from services.audit.store.analyst import MADE_ANEW, SqlAnalyst
from services.audit.store.answers import SqlCounted
from services.audit.store.placing import PLACED
from services.audit.store.tables import facts_table, services_table
from services.chassis import testing
from services.chassis.database import open_database
from tests.unit.audit.stories import NOON, message
from tests.unit.audit.test_counts import rows, stories
from tests.unit.audit.test_demand import MARCH

DOCS = Path(__file__).parents[3] / "docs" / "analyst.md"
QUERIES = re.findall(r"^([^\n]+):\n\n```sql\n(.*?)```", DOCS.read_text("utf-8"), re.M | re.S)
TABLES = {"cases", "demand", "quality", "handling", "bins", "register", "services"}
WORDS = ("text", "words", "contact", "subject")


def run(folder: Path, *arguments: str) -> Result:
    env = {"QYZMET_DATA_DIR": str(folder / "data")}
    return CliRunner().invoke(app, list(arguments), env=env)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with tables of three hundred cases, as Parquet and as CSV."""
    folder = tmp_path_factory.mktemp("analyst")
    settings = testing.settings_in(folder, data_dir=folder / "data")
    database = open_database(settings, "audit", audit_app.MIGRATIONS)
    SqlAnalyst(database).record(stories(300, seed=11))
    database.close()
    for form in ("parquet", "csv"):
        result = run(folder, "tables", str(folder / "analysis"), "--format", form)
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def counted(folder: Path) -> Iterator[SqlCounted]:
    settings = testing.settings_in(folder, data_dir=folder / "data")
    database = open_database(settings, "audit", audit_app.MIGRATIONS)
    yield SqlCounted(database)
    database.close()


def test_every_table_is_written_in_both_forms(folder: Path) -> None:
    """And nothing half done stays behind."""
    written = {path.name for path in (folder / "analysis").iterdir()}

    assert written == {f"{name}.{form}" for name in TABLES for form in ("csv", "parquet")}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_both_forms_hold_the_same(folder: Path, name: str) -> None:
    """Row by row; an empty text stays one."""
    path = folder / "analysis" / name
    with path.with_suffix(".csv").open(newline="") as file:
        header, *rows_ = csv.reader(file)

    parquet = duckdb.read_parquet(f"{path}.parquet")

    assert parquet.columns == header
    assert len(parquet.fetchall()) == len(rows_)
    nulls = " + ".join(f'count(*) FILTER ("{one}" IS NULL)' for one in header)
    assert duckdb.sql(f"SELECT {nulls} FROM '{path}.parquet'").fetchall() == [(0,)]


def test_there_are_ten_queries() -> None:
    """Each with its question before it."""
    assert len(QUERIES) == 10


@pytest.mark.parametrize(("question", "query"), QUERIES, ids=[one for one, _ in QUERIES])
def test_every_query_of_the_docs_answers(
    folder: Path, monkeypatch: pytest.MonkeyPatch, question: str, query: str
) -> None:
    """As it stands there, from the folder above the tables."""
    monkeypatch.chdir(folder)

    assert duckdb.sql(query).fetchall()


def test_a_query_gets_what_the_door_tells(
    folder: Path, counted: SqlCounted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accuracy by language, from cases and from counters."""
    monkeypatch.chdir(folder)
    (query,) = (query for question, query in QUERIES if question.startswith("How often a model"))

    inner = query.strip().removesuffix(";")
    found = duckdb.sql(f"SELECT language, sum(judged) FROM ({inner}) GROUP BY ALL")

    told = counted.quality(MARCH, Dimension.LANGUAGE)
    assert dict(found.fetchall()) == {key: one.judged_count for key, one in told.items()}


def test_tables_hold_no_words() -> None:
    """No column could hold any: facts are codes, ids and numbers."""
    names = {column.name for column in facts_table.columns}

    assert not {name for name in names if any(word in name for word in WORDS)} - {"text_length"}


def test_rebuild_gives_the_same_numbers(
    tmp_path: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """By the command, from the topic, beside what the running service had counted."""
    told = [message(f"c{number}", 1) for number in range(30)]
    (tmp_path / "data").mkdir()
    with testing.platform_in(tmp_path, data_dir=tmp_path / "data") as platform:
        with testing.running(platform, audit_app.build(platform)):
            platform.bus.publish(told)
            database = open_database(platform.settings, "audit", audit_app.MIGRATIONS)
            analyst = SqlAnalyst(database)
            eventually(lambda: len(rows(analyst, facts_table)["case_facts"]) == len(told))
            eventually(lambda: len(rows(analyst, *PLACED)["placements"]) == len(told))
        before = rows(analyst, *MADE_ANEW, *PLACED)
        with database.writing.begin() as connection:  # as if a counter had gone astray
            connection.execute(sa.update(services_table).values(case_count=7))
        found = run(tmp_path, "rebuild")

    assert found.output == "30 events followed, 0 left out\n", found.output
    assert rows(analyst, *MADE_ANEW, *PLACED) == before
    assert SqlCounted(database).handling(_day(), Dimension.NONE)[""].case_count == 30
    database.close()


def _day() -> Period:
    day = MARCH.start
    assert day.isoformat() == day_of(NOON)
    return Period(day, day)


def test_the_topic_is_the_one_of_cases() -> None:
    """What is rebuilt from is kept for ever."""
    assert (TOPIC.retention, TOPIC.compact) == (None, False)


def test_parquet_without_duckdb_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 2 and one line; CSV needs nothing."""
    monkeypatch.setitem(sys.modules, "duckdb", None)

    result = run(folder, "tables", str(folder / "other"))

    assert result.exit_code == 2
    assert "qyzmet[analyst]" in result.output
