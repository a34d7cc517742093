"""An index, so that an office finds what is due first.

Revision ID: cases_queues
"""

from alembic import op

revision = "cases_queues"
down_revision = "cases_readings"


def upgrade() -> None:
    op.create_index("cases_by_due_time", "cases", ["office", "due_time", "id"])


def downgrade() -> None:
    op.drop_index("cases_by_due_time", "cases")
