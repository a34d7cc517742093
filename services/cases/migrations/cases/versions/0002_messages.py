"""What is asked and answered on a case after it was submitted.

Revision ID: cases_0002
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0002"
down_revision = "cases_0001"


def upgrade() -> None:
    op.add_column("cases", sa.Column("resume_state", sa.Text))
    op.add_column("steps", sa.Column("body_mac", sa.LargeBinary))
    op.create_table(
        "messages",
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("case_version", sa.BigInteger, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("messages")
    op.drop_column("steps", "body_mac")
    op.drop_column("cases", "resume_state")
