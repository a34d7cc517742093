"""What a model said last of a case, for those who learn from people's choices.

Revision ID: cases_0004
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0004"
down_revision = "cases_0003"


def upgrade() -> None:
    op.add_column("cases", sa.Column("judgement", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("cases", "judgement")
