"""What citizens chose before they sent their cases.

Revision ID: cases_0014
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0014"
down_revision = "cases_0013"


def upgrade() -> None:
    op.add_column("cases", sa.Column("chosen_service_id", sa.Text))


def downgrade() -> None:
    op.drop_column("cases", "chosen_service_id")
