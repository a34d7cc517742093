"""Which version is current, the draft of the next, who changed it, and what the bus is told.

Revision ID: catalog_0002
"""

import sqlalchemy as sa
from alembic import op

revision = "catalog_0002"
down_revision = "catalog_0001"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "register",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("current", sa.Text, nullable=False),
        sa.Column("seed", sa.Text, nullable=False),
        sa.Column("draft_version", sa.BigInteger, nullable=False),
        sa.Column("draft_base", sa.Text, nullable=False),
        sa.Column("draft", sa.LargeBinary),
    )
    op.create_table(
        "changes",
        sa.Column("draft_version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("other_id", sa.Text, nullable=False),
        sa.Column("catalogue_version", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("change_time", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("subject", "request_id"),
    )
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
    for table in ("leases", "outbox", "changes", "register"):
        op.drop_table(table)
