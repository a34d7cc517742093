"""The versions that were published, each under the SHA-256 of its content, kept for ever."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from services.catalog.domain import Catalogue
from services.catalog.store.tables import versions
from services.chassis.database import Database
from services.chassis.errors import InternalError
from services.chassis.sql import micros, upsert

REMEMBERED = 4
"""Catalogues that were read last: to make one of its content takes a tenth of what a page may."""


class SqlVersions:
    """Keeps versions in a database."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def get(self, version: str) -> Catalogue | None:
        """Find a version; one whose content was altered is never given out."""
        with self._database.read() as connection:
            return find(connection, version)

    def keep(self, catalogue: Catalogue) -> bool:
        """Keep a version for ever; tell whether it is new."""
        now = micros(self._now())
        return self._database.change(lambda connection: keep(connection, catalogue, now))


def find(connection: sa.Connection, version: str) -> Catalogue | None:
    """Find a version; raise where its content was altered."""
    wanted = sa.select(versions.c.content).where(versions.c.version == version)
    content = connection.execute(wanted).scalar_one_or_none()
    if content is None:
        return None
    if hashlib.sha256(content).hexdigest() != version:
        raise InternalError(f"the content of catalogue {version} was altered")
    return read(content)


@lru_cache(REMEMBERED)
def read(content: bytes) -> Catalogue:
    """Return the catalogue whose canonical content this is: the same one for the same content."""
    return Catalogue.from_canonical(content)


def keep(connection: sa.Connection, catalogue: Catalogue, now: int) -> bool:
    """Keep a version for ever; tell whether it is new."""
    row = {
        "version": catalogue.version,
        "content": catalogue.canonical(),
        "publish_time": now,
    }
    # Of two that start at the same moment one keeps it.
    insert = upsert(connection, versions).on_conflict_do_nothing()
    return connection.execute(insert.returning(versions.c.version), row).first() is not None
