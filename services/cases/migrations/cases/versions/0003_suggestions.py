"""Where an office that returned a case thinks it belongs.

Revision ID: cases_0003
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0003"
down_revision = "cases_0002"


def upgrade() -> None:
    op.add_column("cases", sa.Column("suggested_service_id", sa.Text))
    op.add_column("cases", sa.Column("suggested_office", sa.Text))


def downgrade() -> None:
    op.drop_column("cases", "suggested_office")
    op.drop_column("cases", "suggested_service_id")
