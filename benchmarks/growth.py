"""Does it get slower as the country fills it: more cases stored, more services in the catalogue."""

import csv
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from benchmarks import capacity, load, servers, texts
from benchmarks.servers import Ground
from deploy.cli.terminal import progress
from services.audit.store import log
from tests.system import System

SEED_SECONDS = 3.0
"""With the warming up some three thousand cases; what is measured first needs more."""
UNLIKE = {
    "cases": ("id", "number"),
    "steps": ("case_id", "request_id"),
    "submissions": ("case_id", "request_id"),
    "decisions": ("case_id", "decision_id"),
    "accesses": ("case_id", "id"),
}
"""Columns that tell one case from another, where they are more than `case_id`."""
IN_ORDER = ("feed", "log_records")
"""Tables whose rows stand one behind another."""
NUMBERS = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)"
HAS_TABLE = "SELECT 1 FROM sqlite_master WHERE name = ?"
COUNT = "SELECT count(*) FROM cases"
EXAMPLES = 13_000
AGENCIES = 20
LABEL_WORDS = 3


def cases(stored: int, seconds: float) -> dict[str, Any]:
    """Return the rate of a system that has stored so many cases."""
    requests = texts.routed(servers.model())
    with servers.system(Ground.EMBEDDED, apart=True) as running:
        load.run(capacity.run(running, requests, SEED_SECONDS))
        grow(running, stored)
        files = _files(running)
        read = dict(_ask(files, "feed", "SELECT office, last_sequence FROM offices"))
        rate = load.run(capacity.run(running, requests, seconds, read))
        ((now,),) = _ask(files, "cases", COUNT)
        return {"stored": now, **rate}


def grow(running: System, stored: int) -> int:
    """Make of the cases that a system has so many, and tell how many there are."""
    running.stop()
    files = _files(running)
    ((found,),) = _ask(files, "cases", COUNT)
    for file in files:
        multiply(file, stored // found - 1)
    running.start()
    ((now,),) = _ask(files, "cases", COUNT)
    return int(now)


def _files(running: System) -> list[Path]:
    return list(running.data.rglob("*.sqlite")) + list(running.data.rglob("*.db"))


def multiply(file: Path, times: int) -> None:
    """Add so many copies of every case to a database, each with ids of its own."""
    if times < 1:
        return
    with closing(sqlite3.connect(file)) as connection, connection:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
        names = {row[0] for row in connection.execute(tables)}
        for table in names.difference(IN_ORDER):
            if table in UNLIKE or "case_id" in _columns(connection, table):
                told = UNLIKE.get(table, ("case_id",))
                _copy(connection, table, times, {name: _another(name) for name in told})
        if "feed" in names:
            end = "(SELECT last_sequence FROM offices WHERE offices.office = feed.office)"
            _copy(
                connection,
                "feed",
                times,
                {
                    "sequence": f"sequence + n * {end}",
                    "event_id": _numbered("event_id"),
                    "case_id": _another("case_id"),
                },
            )
            connection.execute("UPDATE offices SET last_sequence = last_sequence * ?", (times + 1,))
        if "records" in names:
            next_ = (
                "(SELECT next FROM heads WHERE heads.topic = records.topic "
                "AND heads.partition = records.partition)"
            )
            _copy(connection, "records", times, {"offset": f"offset + n * {next_}"})
            for table in ("heads", "offsets"):
                connection.execute(f"UPDATE {table} SET next = next * ?", (times + 1,))
    if "log_records" in names:
        _append(file, times)


def _append(file: Path, times: int) -> None:
    """Seal as many copies of every record in the log, which has a tree over them."""
    engine = sa.create_engine(f"sqlite:///{file}")
    told = sa.text("SELECT case_id, case_version, decision_id, record FROM log_records")
    with engine.connect() as connection:
        entries = [log.Entry(*row) for row in connection.execute(told)]
    with progress("log") as advance:
        for number in range(1, times + 1):
            copies = [
                replace(
                    one,
                    case_id=f"{number:08x}{one.case_id[8:]}",
                    decision_id=f"{one.decision_id}-{number}",
                )
                for one in entries
            ]
            with engine.begin() as connection:
                log.append(connection, copies)
            advance("log", number, times)
    engine.dispose()


def _another(column: str) -> str:
    """Return what stands in a copy: ids of cases are UUIDs there too, for pages read them."""
    if column in ("id", "case_id"):
        return f"printf('%08x', n) || substr({column}, 9)"
    return _numbered(column)


def _numbered(column: str) -> str:
    return f"{column} || '-' || n"


def _copy(
    connection: sqlite3.Connection, table: str, times: int, changed: Mapping[str, str]
) -> None:
    columns = _columns(connection, table)
    read = ", ".join(changed.get(column, column) for column in columns)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) {NUMBERS} SELECT {read} FROM {table}, number",
        (times,),
    )


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _ask(files: Sequence[Path], table: str, query: str) -> list[tuple[Any, ...]]:
    """Return what the databases that have a table answer."""
    rows: list[tuple[Any, ...]] = []
    for file in files:
        with closing(sqlite3.connect(file)) as connection:
            if connection.execute(HAS_TABLE, (table,)).fetchone():
                rows += connection.execute(query)
    return rows


def services(count: int, seconds: float) -> dict[str, Any]:
    """Return the rate of a system with so many services, trained on as many examples each time."""
    with servers.folder() as where:
        catalogue, examples = where / "catalogue", where / "examples.csv"
        write_examples(examples, count)
        model = servers.train(
            System(where / "home", {"QYZMET_CATALOGUE": str(catalogue)}),
            *("--catalogue", str(catalogue), "--examples", str(examples)),
            *("--text", "text", "--label", "label", "--agency", "agency"),
        )
        with examples.open(encoding="utf-8") as file:
            words = [row["text"] for row in islice(csv.DictReader(file), 2000)]
        requests = texts.routed(model, catalogue, words)
        settings = {"QYZMET_CATALOGUE": str(catalogue), "QYZMET_MODEL": str(model)}
        with servers.system(Ground.EMBEDDED, apart=True, settings=settings) as running:
            rate = load.run(capacity.run(running, requests, seconds))
    return {"services": count, "routed_texts": len(requests), **rate}


def write_examples(file: Path, count: int) -> None:
    """Write examples of so many services, each with words that only its requests hold."""
    random, sentences = Random(0), texts.sentences(seed=1)
    own = [[_word(random) for _ in range(LABEL_WORDS)] for _ in range(count)]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "label", "agency"])
        for number in range(EXAMPLES):
            label = number % count
            text = f"{' '.join(own[label])} {next(sentences)}"
            writer.writerow([text, f"service-{label:04}", f"agency-{label % AGENCIES:02}"])


def _word(random: Random) -> str:
    return "".join(random.choice("абвгдежзиклмнопрстуфхцчшыэюя") for _ in range(7))


def both(sizes: tuple[int, int], one: Any, seconds: float) -> Iterator[dict[str, Any]]:
    """Measure the small, the large, and the small again, so that a drift of the machine shows."""
    for size in (*sizes, sizes[0]):
        yield one(size, seconds)
