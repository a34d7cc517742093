"""The tables of audit; times are whole microseconds since 1970."""

import sqlalchemy as sa

from services.chassis import inbox
from services.chassis.outbox import leases_table, outbox_table

metadata = sa.MetaData()

decisions_table = sa.Table(
    "decisions",
    metadata,
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

placements_table = sa.Table(
    "placements",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("service_id", sa.Text, nullable=False),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("case_version", sa.BigInteger, nullable=False),
)


def _counters(name: str, key: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column(key, sa.Text, primary_key=True),
        sa.Column("case_count", sa.BigInteger, nullable=False),
        sa.Column("online_case_count", sa.BigInteger, nullable=False),
    )


services_table = _counters("coverage_services", "service_id")
offices_table = _counters("coverage_offices", "office")

demand_table = sa.Table(
    "demand",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("service_id", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
)

cells_table = sa.Table(
    "demand_cells",
    metadata,
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("service_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("case_count", sa.BigInteger, nullable=False),
    sa.Column("online_case_count", sa.BigInteger, nullable=False),
)

seen_table = inbox.seen_table(metadata)

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

records_table = sa.Table(
    "log_records",
    metadata,
    sa.Column("leaf_index", BIG, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("case_version", sa.BigInteger, nullable=False),
    sa.Column("decision_id", sa.Text, nullable=False, unique=True),
    sa.Column("record", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("case_id", "case_version"),
)

tiles_table = sa.Table(
    "log_tiles",
    metadata,
    sa.Column("level", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
)

head_table = sa.Table(
    "log_head",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
)

checkpoints_table = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("sign_time", sa.BigInteger, nullable=False),
)

outbox = outbox_table(metadata)
leases = leases_table(metadata)
