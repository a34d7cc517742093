"""How offices want their feeds, and what is on its way to their webhooks.

Revision ID: delivery_0010
"""

import sqlalchemy as sa
from alembic import op

revision = "delivery_0010"
down_revision = "delivery_0003"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("filter", sa.LargeBinary, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.Column("disabled_reason", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("previous_secret", sa.LargeBinary, nullable=False),
        sa.Column("previous_secret_expire_time", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
        sa.Column("success_time", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("office", "name", name="subscriptions_office_name"),
    )
    op.create_table(
        "deliveries",
        sa.Column("subscription_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("is_dead", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("leased_until", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("first_attempt_time", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Index("deliveries_due", "subscription_id", "is_dead", "due"),
        sa.Index("deliveries_case", "subscription_id", "case_id", "sequence"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("subscription_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("attempt_time", sa.BigInteger, nullable=False),
        sa.Column("status", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Index("attempts_subscription", "subscription_id", "id"),
        sa.Index("attempts_time", "attempt_time"),
    )


def downgrade() -> None:
    for table in ("attempts", "deliveries", "subscriptions"):
        op.drop_table(table)
