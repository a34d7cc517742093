"""The current version, the draft of the next, and who changed it, in SQL."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.catalog.domain import Catalogue
from services.catalog.domain.editing import Change, ChangeKind, Edit, Published, Revision
from services.catalog.ports import Wish
from services.catalog.store import tables
from services.catalog.store.versions import find, keep, read
from services.chassis.database import Database
from services.chassis.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    InternalError,
    ServiceError,
    UnavailableError,
    VersionConflictError,
)
from services.chassis.sql import add, ensure, micros, time_of

ONLY = 1
"""The id of the one row of the register."""
ENDS = (ChangeKind.DISCARD.value, ChangeKind.PUBLISH.value)


Announce = Callable[[Published], dict[str, Any]]
"""Makes the outbox row of a publication; handed in by app, since the store knows no wire."""


class BaseMovedError(ConflictError):
    """The register was replaced under this draft; discard the draft and begin anew."""

    reason = "BASE_MOVED"


class NothingToPublishError(ConflictError):
    """The draft does not differ from the register."""

    reason = "NOTHING_TO_PUBLISH"


class SqlRegister:
    """Keeps the register and its draft in a database; fits the port."""

    def __init__(self, database: Database, announce: Announce, now: Callable[[], datetime]) -> None:
        self._database = database
        self._announce = announce
        self._now = now
        self._kept: Catalogue | None = None

    def begin(self, files: Catalogue) -> bool:
        """Take the files over, unless stewards have published since; tell whether they are current.

        Files that are taken over or equal what is current become the seed: later edits of them win.
        """
        return self._database.change(lambda connection: self._begin(connection, files))

    def take(self, catalogue: Catalogue, subject: str) -> bool:
        """Make a register current by hand; tell whether it was another."""
        return self._database.change(lambda connection: self._take(connection, catalogue, subject))

    def current(self) -> Catalogue:
        """Return the version that is current now, or was last known while the database is away."""
        try:
            return self._current()
        except ServiceError:
            if self._kept is None:
                raise
            return self._kept

    def revision(self) -> Revision:
        """Return the draft; without changes it is the current version."""
        with self._database.read() as connection:
            return _revision(connection, _row(connection, hold=False))

    def edit(self, wish: Wish, edit: Edit) -> Revision:
        """Change the draft, and record who did; a repetition changes nothing more."""

        def draft(connection: sa.Connection, seen: Revision) -> dict[str, Any]:
            made = edit(seen.catalogue)
            return {"draft": made.canonical(), "draft_base": seen.base.version}

        return self._make(wish, draft)

    def discard(self, wish: Wish) -> Revision:
        """Throw the draft away."""
        return self._make(wish, lambda connection, seen: {"draft": None, "draft_base": ""})

    def publish(self, wish: Wish, *, two_people: bool = False) -> Revision:
        """Make the draft current, keep it for ever and announce it, all or nothing.

        Where it takes two people, OwnDraftError for who changed it.
        """

        def current(connection: sa.Connection, seen: Revision) -> dict[str, Any]:
            made = seen.catalogue
            if two_people:
                seen.check_publisher(wish.subject)
            if made.version == seen.base.version:
                raise NothingToPublishError
            if seen.base.version != _row(connection).current:
                raise BaseMovedError
            self._install(connection, made, seen.base.version, wish.subject)
            return {"current": made.version, "draft": None, "draft_base": ""}

        return self._make(wish, current)

    def changes(self, before: int, limit: int) -> Sequence[Change]:
        """Return changes from before a draft's version on, newest first; 0 begins at the newest."""
        wanted = sa.select(tables.changes).order_by(tables.changes.c.draft_version.desc())
        if before:
            wanted = wanted.where(tables.changes.c.draft_version < before)
        with self._database.read() as connection:
            return [_change(row) for row in connection.execute(wanted.limit(limit))]

    def _current(self) -> Catalogue:
        with self._database.read() as connection:
            version = _row(connection, hold=False).current
            if self._kept is None or self._kept.version != version:
                self._kept = _found(connection, version)
            return self._kept

    def _begin(self, connection: sa.Connection, files: Catalogue) -> bool:
        first = {
            "id": ONLY,
            "current": "",
            "seed": "",
            "draft_version": 0,
            "draft_base": "",
            "draft": None,
        }
        ensure(connection, tables.register, [first])
        row = _row(connection)
        if row.current not in (row.seed, files.version):
            return False
        if row.current != files.version:
            self._install(connection, files, row.current, "")
        _update(connection, {"current": files.version, "seed": files.version})
        return True

    def _take(self, connection: sa.Connection, catalogue: Catalogue, subject: str) -> bool:
        before = _row(connection).current
        if before == catalogue.version:
            return False
        self._install(connection, catalogue, before, subject)
        _update(connection, {"current": catalogue.version})
        return True

    def _install(
        self, connection: sa.Connection, catalogue: Catalogue, before: str, subject: str
    ) -> None:
        now = self._now()
        keep(connection, catalogue, micros(now))
        told = self._announce(Published(catalogue, before, subject, now))
        add(connection, tables.outbox, [told])

    def _make(
        self, wish: Wish, step: Callable[[sa.Connection, Revision], dict[str, Any]]
    ) -> Revision:
        def work(connection: sa.Connection) -> Revision:
            row = _row(connection)
            if _is_repeated(connection, wish):
                return _revision(connection, row)
            if wish.expected_version not in (0, row.draft_version):
                raise VersionConflictError("the draft changed since you saw it")
            changed = step(connection, _revision(connection, row))
            version = row.draft_version + 1
            _update(connection, {**changed, "draft_version": version})
            after = _row(connection)
            add(connection, tables.changes, [_written(wish, version, after.current, self._now())])
            return _revision(connection, after)

        return self._database.change(work)


def _row(connection: sa.Connection, *, hold: bool = True) -> Any:
    """Return the one row; who means to change it holds it until they have."""
    wanted = sa.select(tables.register)
    found = connection.execute(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise UnavailableError("catalog has not started on this database yet")
    return found


def _update(connection: sa.Connection, values: dict[str, Any]) -> None:
    connection.execute(sa.update(tables.register).values(values))


def _found(connection: sa.Connection, version: str) -> Catalogue:
    if (found := find(connection, version)) is None:
        raise InternalError(f"the catalogue {version} is not kept")
    return found


def _revision(connection: sa.Connection, row: Any) -> Revision:
    if row.draft is None:
        current = _found(connection, row.current)
        return Revision(row.draft_version, current, current)
    base = _found(connection, row.draft_base)
    draft = read(row.draft)
    return Revision(row.draft_version, base, draft, _editors(connection))


def _editors(connection: sa.Connection) -> tuple[str, ...]:
    """Return who changed the draft since the last one ended."""
    table = tables.changes
    ended = sa.select(sa.func.coalesce(sa.func.max(table.c.draft_version), 0)).where(
        table.c.kind.in_(ENDS)
    )
    wanted = (
        sa.select(table.c.subject)
        .where(table.c.draft_version > ended.scalar_subquery())
        .distinct()
        .order_by(table.c.subject)
    )
    return tuple(connection.execute(wanted).scalars())


def _is_repeated(connection: sa.Connection, wish: Wish) -> bool:
    table = tables.changes
    wanted = sa.select(table.c.fingerprint).where(
        (table.c.subject == wish.subject) & (table.c.request_id == wish.request_id)
    )
    found = connection.execute(wanted).scalar_one_or_none()
    if found is not None and found != _fingerprint(wish):
        raise IdempotencyKeyReusedError
    return found is not None


def _fingerprint(wish: Wish) -> bytes:
    return hashlib.sha256(wish.kind.value.encode() + b"\0" + wish.content).digest()


def _written(wish: Wish, version: int, current: str, now: datetime) -> dict[str, Any]:
    return {
        "draft_version": version,
        "kind": wish.kind.value,
        "subject": wish.subject,
        "request_id": wish.request_id,
        "fingerprint": _fingerprint(wish),
        "service_id": wish.service_id,
        "other_id": wish.other_id,
        "catalogue_version": current,
        "content": wish.content,
        "change_time": micros(now),
    }


def _change(row: Any) -> Change:
    return Change(
        kind=ChangeKind(row.kind),
        subject=row.subject,
        service_id=row.service_id,
        other_id=row.other_id,
        draft_version=row.draft_version,
        catalogue_version=row.catalogue_version,
        change_time=time_of(row.change_time),
    )
