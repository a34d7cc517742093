"""The gaps between cases and the log of decisions that are known, and told of.

Revision ID: audit_0005
"""

import sqlalchemy as sa
from alembic import op

revision = "audit_0005"
down_revision = "audit_0004"


def upgrade() -> None:
    op.create_table(
        "log_gaps",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("case_version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("log_gaps")
