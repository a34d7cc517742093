"""What analysts are told as files: CSV by itself, Parquet by DuckDB, which reads both."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from deploy.cli.audit import bundle
from deploy.cli.audit.register import in_force
from services.audit.domain.demand import ALL
from services.audit.domain.spans import MONTH
from services.audit.store.answers import reading
from services.audit.store.tables import (
    bins_table,
    cells_table,
    facts_table,
    handling_table,
    quality_table,
    register_table,
)
from services.chassis.config import Settings
from services.chassis.errors import InvalidError
from services.chassis.wholefile import whole

AT_ONCE = 10_000
KINDS = {"BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN"}
"""What DuckDB calls our types; what is not here is a text."""
DAY = "day"
SERVICES = ("service_id", "title", "agency", "life_event", "audience", "channel")


class NoDuckDBError(InvalidError):
    """Parquet needs DuckDB: pip install 'qyzmet[analyst]'."""

    reason = "NO_DUCKDB"


def write(settings: Settings, folder: Path, form: str) -> Iterator[tuple[str, int]]:
    """Write every table, and give its name and how many rows it has."""
    folder.mkdir(parents=True, exist_ok=True)
    with bundle.opened(settings) as database, reading(database) as connection:
        for name, query in queries().items():
            columns = {column.name: _kind(column) for column in query.selected_columns}
            rows = connection.execution_options(yield_per=AT_ONCE).execute(query)
            yield name, _write(folder / name, form, columns, rows)
    services = in_force(settings).services
    told = (
        (one.id, one.title.en, one.agency, one.life_event, one.audience, one.channel)
        for one in services
    )
    yield "services", _write(folder / "services", form, dict.fromkeys(SERVICES, "VARCHAR"), told)


def queries() -> Mapping[str, sa.Select[Any]]:
    """Return what is written of each table; of the cube of demand its finest cells alone."""
    fine = [cells_table.c[name] != ALL for name in ("region", "language", "service_id")]
    return {
        "cases": sa.select(facts_table).order_by(facts_table.c.case_id),
        "demand": sa.select(cells_table).where(*fine, cells_table.c.case_count > 0),
        "quality": _days_of(quality_table).where(quality_table.c.decided_count > 0),
        "handling": _days_of(handling_table).where(handling_table.c.case_count > 0),
        "bins": _days_of(bins_table).where(bins_table.c.case_count > 0),
        "register": sa.select(register_table),
    }


def _days_of(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).where(table.c.day < MONTH)


def _kind(column: Any) -> str:
    if column.name == DAY:
        return "DATE"
    return KINDS.get(str(column.type), "VARCHAR")


def _write(path: Path, form: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a table whole, or leave what was there."""
    if form == "csv":
        with whole(path.with_suffix(".csv")) as fresh:
            return _to_csv(fresh, columns, rows)
    with (
        tempfile.TemporaryDirectory(dir=path.parent) as folder,
        whole(path.with_suffix(".parquet")) as fresh,
    ):
        table = Path(folder) / "table.csv"
        count = _to_csv(table, columns, rows)
        _to_parquet(table, fresh, columns)
        return count


def _to_csv(target: Path, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a table, and return how many rows it has."""
    count = 0
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _to_parquet(source: Path, target: Path, columns: Mapping[str, str]) -> None:
    try:
        import duckdb  # an optional group of dependencies
    except ImportError as error:
        raise NoDuckDBError from error
    with duckdb.connect() as connection:
        # An empty text is a value here: what is not known.
        connection.read_csv(
            str(source), header=True, columns=dict(columns), na_values=["\x00"]
        ).write_parquet(str(target))
