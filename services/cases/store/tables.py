"""The tables of cases; times are whole microseconds since 1970, kept exactly everywhere."""

import sqlalchemy as sa

from services.chassis.outbox import leases_table, outbox_table

metadata = sa.MetaData()
keys_metadata = sa.MetaData()

cases = sa.Table(
    "cases",
    metadata,
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
    sa.Column("resume_state", sa.Text),
    sa.Column("suggested_service_id", sa.Text),
    sa.Column("suggested_office", sa.Text),
    sa.Column("judgement", sa.LargeBinary),
    sa.Column("parent_id", sa.Text),
    sa.Column("child_ids", sa.LargeBinary),
    sa.Column("stars", sa.Integer),
    sa.Column("due_time", sa.BigInteger),
    sa.Column("days_left", sa.Integer),
    sa.Column("chosen_service_id", sa.Text),
)

words = sa.Table(
    "words",
    metadata,
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

steps = sa.Table(
    "steps",
    metadata,
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("case_version", sa.BigInteger, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("event_time", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("body_mac", sa.LargeBinary),
    sa.Column("child_id", sa.Text),
    sa.Column("terms_mac", sa.LargeBinary),
    sa.UniqueConstraint("case_id", "request_id"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("case_version", sa.BigInteger, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("case_version", sa.BigInteger, primary_key=True),
    sa.Column("told", sa.LargeBinary, nullable=False),
)

submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("body_mac", sa.LargeBinary, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

accesses = sa.Table(
    "accesses",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("access_time", sa.BigInteger, nullable=False),
)

openings = sa.Table(
    "openings",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("desk", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("open_time", sa.BigInteger, nullable=False),
    sa.Column("seen_time", sa.BigInteger, nullable=False),
    sa.Column("taken_from", sa.Text, nullable=False),
)

outbox = outbox_table(metadata)
leases = leases_table(metadata)

keys = sa.Table(
    "keys",
    keys_metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)
