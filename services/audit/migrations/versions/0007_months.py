"""Months beside days among the counters, so that a year is read as months.

The release before adds to days alone. So that no month falls behind its days, it takes part no
more: its consumer waits, and it answers that the counters are made anew. Who goes back to it
without taking this back rebuilds, and rebuilds again when this release returns.

Revision ID: audit_0007
"""

import sqlalchemy as sa
from alembic import op

revision = "audit_0007"
down_revision = "audit_0006"

QUALITY = (
    *("decided", "routed", "asked", "triaged", "out_of_scope", "asked_judged", "confirmed"),
    *("routed_judged", "misrouted", "reviewed", "overridden", "judged", "right", "objected"),
    *("sampled", "sampled_judged", "sampled_right"),
)
HANDLING = (
    *("case_count", "answered_count", "answer_minutes", "answer_minutes_squared"),
    *("completed_count", "complete_minutes", "complete_minutes_squared", "late_count"),
    *("objected_count", "reopened_count", "rated_count", "stars"),
)
BINS = ("case_count", "right_count", "score_millionths")

TABLES = (
    ("quality_days", ("dimension",), ("value",), tuple(f"{name}_count" for name in QUALITY)),
    ("handling_days", ("dimension",), ("value",), HANDLING),
    ("bin_days", ("histogram", "dimension"), ("value", "bin"), BINS),
)
"""Tables, what a part of them is told by, the rest of their keys, and what they count."""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        # Waits for who counts by days now; who comes next reads the new state.
        op.execute("LOCK TABLE analyst_state")
    op.execute("UPDATE analyst_state SET state = 'live by month' WHERE state = 'live'")
    for table, parts, keys, counts in TABLES:
        told = ", ".join(parts)
        found = f"SELECT DISTINCT {told}, substr(day, 1, 7) AS month FROM {table}"  # noqa: S608  our own names
        filling = sa.text(_filling(table, parts, keys, counts))
        # Month by month, for a statement may not take long.
        for part in connection.execute(sa.text(found)).all():
            month = part.month
            days = {"first": f"{month}-01", "last": f"{month}-31", "name": f"m{month}"}
            connection.execute(filling, part._asdict() | days)


def _filling(
    table: str, parts: tuple[str, ...], keys: tuple[str, ...], counts: tuple[str, ...]
) -> str:
    columns = ", ".join((*parts, "day", *keys, *counts))
    sums = (f"sum({name})" for name in counts)
    told = ", ".join((*parts, "CAST(:name AS TEXT)", *keys, *sums))
    wanted = " AND ".join(f"{name} = :{name}" for name in parts)
    return (
        f"INSERT INTO {table} ({columns}) SELECT {told} FROM {table} "  # noqa: S608  our own names
        f"WHERE {wanted} AND day BETWEEN :first AND :last GROUP BY {', '.join((*parts, *keys))}"
    )


def downgrade() -> None:
    for table, *_ in TABLES:
        op.execute(f"DELETE FROM {table} WHERE day >= 'm'")  # noqa: S608  our own names
    op.execute("UPDATE analyst_state SET state = 'live' WHERE state = 'live by month'")
