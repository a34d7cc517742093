"""Indexes, so that decisions are found by day and by service.

Revision ID: audit_0004
"""

from alembic import op

revision = "audit_0004"
down_revision = "audit_0003"

INDEXES = {
    "decisions_by_time": ["decide_time", "case_id", "case_version"],
    "decisions_by_service": ["service_id", "decide_time", "case_id", "case_version"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "decisions", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "decisions")
