"""The versions that were published, each under the SHA-256 of its content, kept for ever."""

import hashlib
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from services.catalog.domain import Catalogue
from services.chassis.database import Database
from services.chassis.errors import InternalError
from services.chassis.sql import micros, upsert

metadata = sa.MetaData()
versions = sa.Table(
    "versions",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("publish_time", sa.BigInteger, nullable=False),  # microseconds since 1970
)


class SqlVersions:
    """Keeps versions in a database."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def get(self, version: str) -> Catalogue | None:
        """Find a version; one whose content was altered is never given out."""
        with self._database.read() as connection:
            wanted = sa.select(versions.c.content).where(versions.c.version == version)
            content = connection.execute(wanted).scalar_one_or_none()
        if content is None:
            return None
        if hashlib.sha256(content).hexdigest() != version:
            raise InternalError(f"the content of catalogue {version} was altered")
        return Catalogue.from_canonical(content)

    def keep(self, catalogue: Catalogue) -> bool:
        """Keep a version for ever; tell whether it is new."""
        row = {
            "version": catalogue.version,
            "content": catalogue.canonical(),
            "publish_time": micros(self._now()),
        }
        return self._database.change(lambda connection: _insert(connection, row))


def _insert(connection: sa.Connection, row: dict[str, object]) -> bool:
    # Of two that start at the same moment one keeps it.
    insert = upsert(connection, versions).on_conflict_do_nothing()
    return connection.execute(insert.returning(versions.c.version), row).first() is not None
