"""Fingerprints of what requests say beside their words; of those before, nobody knows.

Revision ID: cases_0012
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0012"
down_revision = "cases_sorting"


def upgrade() -> None:
    op.add_column("steps", sa.Column("terms_mac", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("steps", "terms_mac")
