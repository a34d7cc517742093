"""What citizens think of how their cases were handled.

Revision ID: cases_0006
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0006"
down_revision = "cases_0005"


def upgrade() -> None:
    op.add_column("cases", sa.Column("stars", sa.Integer))


def downgrade() -> None:
    op.drop_column("cases", "stars")
