"""Who has which case open now.

Revision ID: cases_openings
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_openings"
down_revision = "cases_queues"


def upgrade() -> None:
    op.create_table(
        "openings",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("desk", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("open_time", sa.BigInteger, nullable=False),
        sa.Column("seen_time", sa.BigInteger, nullable=False),
        sa.Column("taken_from", sa.Text, nullable=False),
    )
    op.create_index("openings_by_seen_time", "openings", ["seen_time"])


def downgrade() -> None:
    op.drop_table("openings")
