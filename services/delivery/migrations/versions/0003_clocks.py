"""The clocks of cases, and how often offices were late.

Revision ID: delivery_0003
"""

import sqlalchemy as sa
from alembic import op

revision = "delivery_0003"
down_revision = "delivery_0002"


def upgrade() -> None:
    op.create_table(
        "clocks",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("case_version", sa.BigInteger, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("start_time", sa.BigInteger, nullable=False),
        sa.Column("due_time", sa.BigInteger, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("next_time", sa.BigInteger),
    )
    op.create_index("clocks_by_next_time", "clocks", ["next_time"])
    op.create_table(
        "alarm_counts",
        sa.Column("office", sa.Text, primary_key=True),
        sa.Column("ring", sa.Text, primary_key=True),
        sa.Column("rung", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("alarm_counts", "clocks"):
        op.drop_table(table)
