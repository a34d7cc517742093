"""What citizens are told.

Revision ID: delivery_0011
"""

import sqlalchemy as sa
from alembic import op

revision = "delivery_0011"
down_revision = "delivery_0010"


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("case_version", sa.BigInteger, primary_key=True),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("languages", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("attempt_time", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Index("notices_due", "state", "due"),
    )


def downgrade() -> None:
    op.drop_table("notices")
