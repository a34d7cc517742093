"""The first tables of cases.

Revision ID: cases_0001
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _create_cases()
    _create_steps()
    _create_receipts()
    _create_publishing()


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("submit_time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.Column("portal", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("decision", sa.LargeBinary),
        sa.Column("returned_by", sa.LargeBinary, nullable=False),
    )
    op.create_index("cases_by_owner", "cases", ["owner", "id"])
    op.create_index("cases_by_portal", "cases", ["portal", "id"])
    op.create_index("cases_by_office", "cases", ["office", "id"])
    op.create_index("cases_by_state", "cases", ["state", "id"])
    op.create_table(
        "words",
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def _create_steps() -> None:
    op.create_table(
        "steps",
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("case_version", sa.BigInteger, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("event_time", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.UniqueConstraint("case_id", "request_id"),
    )
    op.create_table(
        "accesses",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("access_time", sa.BigInteger, nullable=False),
    )
    op.create_index("accesses_by_case", "accesses", ["case_id"])


def _create_receipts() -> None:
    op.create_table(
        "submissions",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("body_mac", sa.LargeBinary, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("submissions_by_expiry", "submissions", ["expires"])
    op.create_table(
        "counters",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )


def _create_publishing() -> None:
    op.create_table(
        "outbox",
        sa.Column("sequence", BIG, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("aggregatetype", sa.Text, nullable=False),
        sa.Column("aggregateid", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("headers", sa.LargeBinary, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "leases",
        "outbox",
        "accesses",
        "counters",
        "submissions",
        "steps",
        "words",
        "cases",
    ):
        op.drop_table(table)
