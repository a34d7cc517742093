"""The tables of catalog; times are whole microseconds since 1970."""

import sqlalchemy as sa

from services.chassis.outbox import leases_table, outbox_table

metadata = sa.MetaData()

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("publish_time", sa.BigInteger, nullable=False),
)

register = sa.Table(
    "register",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),  # there is one row
    sa.Column("current", sa.Text, nullable=False),
    sa.Column("seed", sa.Text, nullable=False),  # the version of the files that was taken last
    sa.Column("draft_version", sa.BigInteger, nullable=False),
    sa.Column("draft_base", sa.Text, nullable=False),
    sa.Column("draft", sa.LargeBinary),  # null where nobody changed anything
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("draft_version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("service_id", sa.Text, nullable=False),
    sa.Column("other_id", sa.Text, nullable=False),
    sa.Column("catalogue_version", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),  # what was asked, as JSON
    sa.Column("change_time", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("subject", "request_id"),
)

outbox = outbox_table(metadata)
leases = leases_table(metadata)
