"""Rows written in place of others, and times as numbers."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from services.chassis import sql
from services.chassis.config import Settings
from tests.unit.chassis.notebook import bare

METADATA = sa.MetaData()
HOLDERS = sa.Table(
    "holders",
    METADATA,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("office", sa.Text, nullable=False),
)

PLACES = sa.Table(
    "places",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("office", sa.Text),
    sa.Column("version", sa.BigInteger, nullable=False),
)


def test_a_row_takes_the_place_of_one_with_its_key() -> None:
    """Of a key there is one row, the last; others stay."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        METADATA.create_all(connection)
        sql.replace(connection, HOLDERS, [{"case_id": "c1", "office": "MIA"}])
        sql.replace(
            connection,
            HOLDERS,
            [{"case_id": id_, "office": "MJ"} for id_ in ("c1", "c2")],
        )

        found = connection.execute(sa.select(HOLDERS).order_by(HOLDERS.c.case_id)).all()
    engine.dispose()

    assert found == [("c1", "MJ"), ("c2", "MJ")]


def test_a_change_finds_its_rows_by_their_keys(settings: Settings) -> None:
    """The columns that are named change; other columns and other rows stay."""
    database = bare(settings, "sql", METADATA)
    before = [{"id": n, "office": "MIA", "version": 1} for n in (1, 2, 3)]
    changes = [{"office": office, "id": n} for n, office in ((3, "MJ"), (1, None))]

    database.change(lambda connection: sql.add(connection, PLACES, before))
    database.change(lambda connection: sql.update(connection, PLACES, changes))
    with database.read() as connection:
        found = connection.execute(sa.select(PLACES).order_by(PLACES.c.id)).all()
    database.close()

    assert found == [(1, None, 1), (2, "MIA", 1), (3, "MJ", 1)]


def test_a_server_database_gets_its_own_dialect() -> None:
    """PostgreSQL is spoken to as PostgreSQL."""
    connection = sa.create_mock_engine("postgresql://", lambda *_: None)

    insert = sql.upsert(connection, HOLDERS).on_conflict_do_nothing()  # type: ignore[arg-type]

    assert "ON CONFLICT DO NOTHING" in str(insert.compile(dialect=postgresql.dialect()))


@pytest.mark.parametrize(
    "time",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
        datetime(2026, 3, 1, 12, 0, 0, 1, UTC),
        datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5))),
    ],
)
def test_a_time_comes_back_to_the_microsecond(time: datetime) -> None:
    """Nothing of a time is lost on the way through a column of numbers."""
    assert sql.time_of(sql.micros(time)) == time
