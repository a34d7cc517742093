"""The random sample: which cases are in it, and how often the model was right of them.

The release before goes on counting without these columns; `qyzmet audit rebuild` counts its part
anew.

Revision ID: audit_0006
"""

import sqlalchemy as sa
from alembic import op

revision = "audit_0006"
down_revision = "audit_0005"

COUNTS = ("sampled_count", "sampled_judged_count", "sampled_right_count")


def upgrade() -> None:
    op.add_column(
        "case_facts",
        sa.Column("is_sampled", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    for name in COUNTS:
        column = sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
        op.add_column("quality_days", column)


def downgrade() -> None:
    for name in COUNTS:
        op.drop_column("quality_days", name)
    op.drop_column("case_facts", "is_sampled")
