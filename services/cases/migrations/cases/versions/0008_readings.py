"""An index, so that an auditor finds what one person read.

Revision ID: cases_readings
"""

from alembic import op

revision = "cases_readings"
down_revision = "cases_0007"


def upgrade() -> None:
    op.create_index("accesses_by_subject", "accesses", ["subject", "id"])


def downgrade() -> None:
    op.drop_index("accesses_by_subject", "accesses")
