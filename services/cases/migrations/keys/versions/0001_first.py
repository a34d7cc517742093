"""The table of keys.

Revision ID: keys_0001
"""

import sqlalchemy as sa
from alembic import op

revision = "keys_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("keys")
