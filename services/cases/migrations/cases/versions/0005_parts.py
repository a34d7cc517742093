"""Cases that were split off from others.

Revision ID: cases_0005
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0005"
down_revision = "cases_0004"


def upgrade() -> None:
    op.add_column("cases", sa.Column("parent_id", sa.Text))
    op.add_column("cases", sa.Column("child_ids", sa.LargeBinary))
    op.add_column("steps", sa.Column("child_id", sa.Text))


def downgrade() -> None:
    op.drop_column("steps", "child_id")
    op.drop_column("cases", "child_ids")
    op.drop_column("cases", "parent_id")
