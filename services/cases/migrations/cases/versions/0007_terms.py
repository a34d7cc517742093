"""When what is due on a case is due by law.

Revision ID: cases_0007
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0007"
down_revision = "cases_0006"


def upgrade() -> None:
    op.add_column("cases", sa.Column("due_time", sa.BigInteger))
    op.add_column("cases", sa.Column("days_left", sa.Integer))


def downgrade() -> None:
    op.drop_column("cases", "days_left")
    op.drop_column("cases", "due_time")
