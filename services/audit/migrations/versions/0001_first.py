"""The first tables of audit.

Revision ID: audit_0001
"""

import sqlalchemy as sa
from alembic import op

revision = "audit_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("case_version", sa.BigInteger, primary_key=True),
        sa.Column("decision_id", sa.Text, nullable=False, unique=True),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("decision", sa.LargeBinary, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("catalogue_version", sa.Text, nullable=False),
        sa.Column("policy_version", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.Column("decide_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "placements",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("case_version", sa.BigInteger, nullable=False),
    )
    for name, key in (("coverage_services", "service_id"), ("coverage_offices", "office")):
        op.create_table(
            name,
            sa.Column(key, sa.Text, primary_key=True),
            sa.Column("case_count", sa.BigInteger, nullable=False),
            sa.Column("online_case_count", sa.BigInteger, nullable=False),
        )
    op.create_table(
        "seen",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("case_version", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("seen", "coverage_offices", "coverage_services", "placements", "decisions"):
        op.drop_table(table)
