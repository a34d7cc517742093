"""An index, so that who sorts finds what is due first; of what waits alone, for few cases do.

Revision ID: cases_sorting
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_sorting"
down_revision = "cases_openings"

WAITING = sa.text("state = 'triaged'")


def upgrade() -> None:
    op.create_index(
        "cases_to_sort",
        "cases",
        ["state", "due_time", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_index("cases_to_sort", "cases")
