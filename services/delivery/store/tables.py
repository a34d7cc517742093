"""The tables of subscriptions and of what is on its way to webhooks."""

import sqlalchemy as sa

metadata = sa.MetaData()

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

subscriptions = sa.Table(
    "subscriptions",
    metadata,
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

deliveries = sa.Table(
    "deliveries",
    metadata,
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

attempts = sa.Table(
    "attempts",
    metadata,
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

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("case_version", sa.BigInteger, primary_key=True),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("languages", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("attempts", sa.BigInteger, nullable=False),
    sa.Column("create_time", sa.BigInteger, nullable=False),
    sa.Column("attempt_time", sa.BigInteger, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Index("notices_due", "state", "due"),
)
