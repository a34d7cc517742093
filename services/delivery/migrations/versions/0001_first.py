"""The first tables of delivery.

Revision ID: delivery_0001
"""

import sqlalchemy as sa
from alembic import op

revision = "delivery_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "offices",
        sa.Column("office", sa.Text, primary_key=True),
        sa.Column("last_sequence", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "feed",
        sa.Column("office", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("case_version", sa.BigInteger, nullable=False),
        sa.Column("event", sa.LargeBinary, nullable=False),
        sa.Column("enqueue_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "seen",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("case_version", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("seen", "feed", "offices"):
        op.drop_table(table)
