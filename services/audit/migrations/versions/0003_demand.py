"""What each case asks for, and the cells in which it is counted by day.

Cases seen before are counted from their next event on.

Revision ID: audit_0003
"""

import sqlalchemy as sa
from alembic import op

revision = "audit_0003"
down_revision = "audit_0002"


def upgrade() -> None:
    op.create_table(
        "demand",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
    )
    op.create_table(
        "demand_cells",
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("service_id", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("case_count", sa.BigInteger, nullable=False),
        sa.Column("online_case_count", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("demand_cells", "demand"):
        op.drop_table(table)
