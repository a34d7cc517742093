"""What analysts are told: the facts of each case, and the counters added up from them.

They are filled from the topic of cases by a consumer of their own, from its beginning.

Revision ID: audit_0003
"""

import sqlalchemy as sa
from alembic import op

revision = "audit_0003"
down_revision = "audit_0002"

QUALITY = (
    *("decided", "routed", "asked", "triaged", "out_of_scope", "asked_judged", "confirmed"),
    *("routed_judged", "misrouted", "reviewed", "overridden", "judged", "right", "objected"),
)
HANDLING = (
    *("case_count", "answered_count", "answer_minutes", "answer_minutes_squared"),
    *("completed_count", "complete_minutes", "complete_minutes_squared", "late_count"),
    *("objected_count", "reopened_count", "rated_count", "stars"),
)
BINS = ("case_count", "right_count", "score_millionths")


def _texts(*names: str, key: bool = False) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.Text, primary_key=key, nullable=False) for name in names]


def _numbers(*names: str) -> "list[sa.Column[int]]":
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "analyst_seen",
        *_texts("case_id", key=True),
        *_numbers("case_version"),
    )
    op.create_table(
        "case_facts",
        *_texts("case_id", key=True),
        *_texts("day", "language", "region", "service_id", "office", "channel"),
        *_texts("model", "guess", "outcome"),
        sa.Column("score", sa.Double, nullable=False),
        *_texts("verdict", "judge"),
        *_numbers("answer_seconds", "complete_seconds", "due_seconds"),
        *(
            sa.Column(name, sa.Boolean, nullable=False)
            for name in ("is_overdue", "is_objected", "is_reopened")
        ),
        *_numbers("stars", "text_length"),
        sa.Column("unknown_share", sa.Double, nullable=False),
    )
    # Read by ranges of their keys, and so kept in their order.
    op.create_table(
        "demand_cells",
        *_texts("region", "language", "service_id", "day", key=True),
        *_numbers("case_count", "online_case_count"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quality_days",
        *_texts("dimension", "day", "value", key=True),
        *_numbers(*(f"{name}_count" for name in QUALITY)),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "handling_days",
        *_texts("dimension", "day", "value", key=True),
        *_numbers(*HANDLING),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bin_days",
        *_texts("histogram", "dimension", "day", "value", key=True),
        sa.Column("bin", sa.BigInteger, primary_key=True, autoincrement=False),
        *_numbers(*BINS),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "register_days",
        *_texts("day", key=True),
        *_texts("version"),
        *_numbers("service_count", "online_service_count"),
    )
    op.create_table("drift_alarms", *_texts("alarm_id", key=True))
    op.create_table(
        "analyst_state",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        *_texts("state"),
    )
    op.execute("INSERT INTO analyst_state (id, state) VALUES (1, 'live')")


def downgrade() -> None:
    tables = ("analyst_state", "drift_alarms", "register_days", "bin_days", "handling_days")
    for table in (*tables, "quality_days", "demand_cells", "case_facts", "analyst_seen"):
        op.drop_table(table)
