"""The tables of audit; times are whole microseconds since 1970."""

import sqlalchemy as sa

from services.audit.domain import counts
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


def _texts(*names: str, key: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, primary_key=key, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


analyst_seen_table = inbox.seen_table(metadata, "analyst_seen")

facts_table = sa.Table(
    "case_facts",
    metadata,
    *_texts("case_id", key=True),
    *_texts("day", "language", "region", "service_id", "office", "channel"),
    *_texts("model", "guess", "outcome"),
    sa.Column("score", sa.Double, nullable=False),
    *_texts("verdict", "judge"),
    *_numbers("answer_seconds", "complete_seconds", "due_seconds"),
    sa.Column("is_overdue", sa.Boolean, nullable=False),
    sa.Column("is_objected", sa.Boolean, nullable=False),
    sa.Column("is_reopened", sa.Boolean, nullable=False),
    *_numbers("stars", "text_length"),
    sa.Column("unknown_share", sa.Double, nullable=False),
    sa.Column("is_sampled", sa.Boolean, nullable=False),
)

cells_table = sa.Table(
    "demand_cells",
    metadata,
    *_texts("region", "language", "service_id", "day", key=True),
    *_numbers("case_count", "online_case_count"),
    sqlite_with_rowid=False,
)

quality_table = sa.Table(
    "quality_days",
    metadata,
    *_texts("dimension", "day", "value", key=True),
    *_numbers(*counts.QUALITY),
    sqlite_with_rowid=False,
)

handling_table = sa.Table(
    "handling_days",
    metadata,
    *_texts("dimension", "day", "value", key=True),
    *_numbers(*counts.HANDLING),
    sqlite_with_rowid=False,
)

bins_table = sa.Table(
    "bin_days",
    metadata,
    *_texts("histogram", "dimension", "day", "value", key=True),
    sa.Column("bin", sa.BigInteger, primary_key=True, autoincrement=False),
    *_numbers("case_count", "right_count", "score_millionths"),
    sqlite_with_rowid=False,
)

register_table = sa.Table(
    "register_days",
    metadata,
    *_texts("day", key=True),
    *_texts("version"),
    *_numbers("service_count", "online_service_count"),
)

alarms_table = sa.Table(
    "drift_alarms",
    metadata,
    *_texts("alarm_id", key=True),
)

topic_looks_table = sa.Table(
    "topic_looks",
    metadata,
    *_texts("day", key=True),
    *_texts("words"),
)

state_table = sa.Table(
    "analyst_state",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    *_texts("state"),
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

gaps_table = sa.Table(
    "log_gaps",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("case_version", sa.BigInteger, primary_key=True, autoincrement=False),
    *_texts("kind"),
)

outbox = outbox_table(metadata)
leases = leases_table(metadata)
