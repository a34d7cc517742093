"""What offices were told of what they did; what they did before is told by its step alone.

Revision ID: cases_0013
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0013"
down_revision = "cases_0012"


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("case_version", sa.BigInteger, primary_key=True),
        sa.Column("told", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("answers")
