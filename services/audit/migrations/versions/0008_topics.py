"""Which days were looked through for new topics, and what was found.

Revision ID: audit_0008
"""

import sqlalchemy as sa
from alembic import op

revision = "audit_0008"
down_revision = "audit_0007"


def upgrade() -> None:
    op.create_table(
        "topic_looks",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("words", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("topic_looks")
