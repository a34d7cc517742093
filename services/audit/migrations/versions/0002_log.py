"""The log of decisions: records, the tiles of their Merkle tree, and its signed checkpoints.

Revision ID: audit_0002
"""

import sqlalchemy as sa
from alembic import op

revision = "audit_0002"
down_revision = "audit_0001"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_records",
        sa.Column("leaf_index", BIG, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("case_version", sa.BigInteger, nullable=False),
        sa.Column("decision_id", sa.Text, nullable=False, unique=True),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("case_id", "case_version"),
    )
    op.create_table(
        "log_tiles",
        sa.Column("level", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    head = op.create_table(
        "log_head",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0}])
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("sign_time", sa.BigInteger, nullable=False),
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
    for table in ("leases", "outbox", "checkpoints", "log_head", "log_tiles", "log_records"):
        op.drop_table(table)
