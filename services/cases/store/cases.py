"""The record of cases: each change and its event in one transaction."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.cases import domain
from services.cases.domain import Case, State, Step, Words
from services.cases.ports import Change, Clock, Filter, Result, Status, Submission
from services.cases.store import statements, tables
from services.cases.store.keys import Keys
from services.cases.store.rows import case_of, case_row, changing, encode, step_of, step_row
from services.chassis.database import Database
from services.chassis.errors import ConflictError, IdempotencyKeyReusedError, UnavailableError
from services.chassis.principal import Principal, Role
from services.chassis.sql import micros

REMEMBERED = timedelta(days=7)
KAZAKHSTAN = timezone(timedelta(hours=5))
"""The one zone of the country since 1 March 2024; receipts are numbered by its years."""
SWEEP_EVERY = 1000
SUBMISSION = ""
"""Names the first step; no caller's request id is empty, so none can be taken for it."""

Publish = Callable[[Case, Step], dict[str, Any]]
"""Makes the outbox row of a step; handed in by app, since the store knows no wire."""


@dataclass(frozen=True, slots=True)
class SqlCases:
    """Cases, their steps, their words and their events in SQL; fits the three ports."""

    database: Database
    keys: Keys
    publish: Publish
    now: Clock

    def add(self, submission: Submission) -> Case:
        """Accept a submission; the same request id within seven days gets the first case."""
        mac = self.keys.mac(encode((submission.words, submission.language, submission.region)))
        with self.database.read() as connection:
            known = self._first(connection, submission, mac)
        if known is not None:
            return known
        case_id = new_id()
        # The key is on disk before the words are: words without a key would be lost for ever.
        sealed = self.keys.seal(case_id, self.keys.new(case_id), submission.words)
        return self.database.change(
            lambda connection: self._insert(connection, case_id, submission, mac, sealed)
        )

    def apply(self, changes: Sequence[Change]) -> Sequence[Result]:
        """Apply changes to different cases; each stands or falls by itself."""
        return self.database.change(lambda connection: self._apply(connection, changes))

    def get(self, case_ids: Sequence[str]) -> Mapping[str, Case]:
        """Find cases by id."""
        with self.database.read() as connection:
            return _load(connection, case_ids)

    def list(self, wanted: Filter) -> Sequence[Case]:
        """Find cases, newest first: ids are made in the order of time."""
        query = sa.select(tables.cases).where(_visible_to(wanted.principal))
        if wanted.state is not None:
            query = query.where(tables.cases.c.state == wanted.state.value)
        if wanted.office:
            query = query.where(tables.cases.c.office == wanted.office)
        if wanted.before:
            query = query.where(tables.cases.c.id < wanted.before)
        query = query.order_by(tables.cases.c.id.desc()).limit(wanted.limit)
        with self.database.read() as connection:
            return [case_of(row) for row in connection.execute(query)]

    def steps(self, case_id: str) -> Sequence[Step]:
        """Return the steps of a case, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(statements.STEPS, {"of": case_id})
            return [step_of(row) for row in rows]

    def record_access(self, case_id: str, principal: Principal) -> None:
        """Record that somebody is about to read a citizen's words."""
        row = {
            "id": new_id(),
            "case_id": case_id,
            "subject": principal.subject,
            "role": principal.role.value,
            "access_time": micros(self.now()),
        }
        insert = sa.insert(tables.accesses).values(row)
        self.database.change(lambda connection: connection.execute(insert) and None)

    def words(self, case_ids: Sequence[str]) -> Mapping[str, Words]:
        """Return the words of those cases that still have them."""
        with self.database.read() as connection:
            rows = connection.execute(statements.SEALED, {"ids": case_ids})
            sealed = {row.case_id: row.sealed for row in rows}
        return self.keys.open(sealed)

    def _first(self, connection: sa.Connection, submission: Submission, mac: bytes) -> Case | None:
        wanted = {**_name(submission), "now": micros(self.now())}
        row = connection.execute(statements.SUBMISSION, wanted).first()
        if row is None:
            return None
        if row.body_mac != mac:
            raise IdempotencyKeyReusedError
        return _load(connection, [row.case_id])[row.case_id]

    def _insert(
        self,
        connection: sa.Connection,
        case_id: str,
        submission: Submission,
        mac: bytes,
        sealed: bytes,
    ) -> Case:
        now = self.now()
        if not _remember(connection, submission, case_id, mac, now):
            known = self._first(connection, submission, mac)
            if known is None:  # the other one expires between two looks
                raise UnavailableError
            return known
        year = now.astimezone(KAZAKHSTAN).year
        serial = _next(connection, f"case-{year}")
        case = Case(
            id=case_id,
            number=domain.receipt_number(year, serial),
            state=State.SUBMITTED,
            version=1,
            submit_time=now,
            update_time=now,
            portal=submission.portal,
            owner=submission.owner,
            language=submission.language,
            region=submission.region,
        )
        if serial % SWEEP_EVERY == 0:
            connection.execute(statements.SWEEP, {"now": micros(now)})
        connection.execute(statements.ADD_CASE, [case_row(case)])
        connection.execute(statements.ADD_WORDS, [{"case_id": case.id, "sealed": sealed}])
        self._record(connection, [(case, domain.submit(case, SUBMISSION))])
        return case

    def _apply(self, connection: sa.Connection, changes: Sequence[Change]) -> Sequence[Result]:
        ids = [change.case_id for change in changes]
        found = _load(connection, ids, lock=True)
        repeated = _recorded(connection, changes)
        moved: list[tuple[Case, Step]] = []
        results = [_judge(change, found.get(change.case_id), repeated, moved) for change in changes]
        if moved:
            rows = [{"case_id": case.id, **changing(case)} for case, _ in moved]
            connection.execute(statements.MOVE_CASE, rows)
            self._record(connection, moved)
        return results

    def _record(self, connection: sa.Connection, moved: Sequence[tuple[Case, Step]]) -> None:
        rows = [step_row(case.id, step) for case, step in moved]
        connection.execute(statements.ADD_STEPS, rows)
        events = [self.publish(case, step) for case, step in moved]
        connection.execute(statements.ADD_EVENTS, events)


def new_id() -> str:
    """Make a UUID version 7 (RFC 9562): in the order of time, with 62 random bits.

    The twelve bits after the milliseconds hold their fraction (section 6.2, method 3).
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = nanoseconds * 4096 // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62)
    return str(UUID(int=value))


def _judge(
    change: Change,
    case: Case | None,
    repeated: frozenset[tuple[str, str]],
    moved: list[tuple[Case, Step]],
) -> Result:
    """Decide what becomes of a change; add it to `moved` if it is to be recorded."""
    again = (change.case_id, change.request_id) in repeated
    if case is None or not change.may_know(case, again):
        return Result(Status.NOT_FOUND, None)
    if again:
        return Result(Status.REPEATED, case)
    if change.expected_version and change.expected_version != case.version:
        return Result(Status.VERSION_CONFLICT, case)
    try:
        after, step = change.move(case)
    except ConflictError as error:
        return Result(Status.STATE_CONFLICT, case, error.message, error.reason)
    moved.append((after, step))
    return Result(Status.RECORDED, after)


def _load(
    connection: sa.Connection, case_ids: Sequence[str], *, lock: bool = False
) -> dict[str, Case]:
    query = statements.CASES_TO_CHANGE if lock else statements.CASES
    return {row.id: case_of(row) for row in connection.execute(query, {"ids": case_ids})}


def _recorded(connection: sa.Connection, changes: Sequence[Change]) -> frozenset[tuple[str, str]]:
    """Return which of the changes stand already, as (case id, request id)."""
    ids = [change.case_id for change in changes]
    rows = connection.execute(statements.REQUESTS, {"ids": ids})
    return frozenset((row.case_id, row.request_id) for row in rows)


def _remember(
    connection: sa.Connection, submission: Submission, case_id: str, mac: bytes, now: datetime
) -> bool:
    """Remember a submission; tell whether it is new."""
    row = {
        "scope": _scope(submission),
        "request_id": submission.request_id,
        "body_mac": mac,
        "case_id": case_id,
        "expires": micros(now + REMEMBERED),
        "now": micros(now),
    }
    remember = statements.remember(connection.dialect.name)
    return connection.execute(remember, row).first() is not None


def _next(connection: sa.Connection, name: str) -> int:
    count = statements.count(connection.dialect.name)
    return int(connection.execute(count, {"name": name, "value": 1}).scalar_one())


def _name(submission: Submission) -> dict[str, str]:
    return {"of": _scope(submission), "named": submission.request_id}


def _scope(submission: Submission) -> str:
    """Keys are a caller's own: two portals, or two citizens of one portal, may use the same."""
    return encode((submission.portal, submission.owner)).decode()


def _visible_to(principal: Principal) -> sa.ColumnElement[bool]:
    """The same rule as domain.may_see, for many cases at once."""
    if principal.role is Role.CITIZEN:
        return tables.cases.c.owner == principal.subject
    if principal.role is Role.PORTAL:
        return tables.cases.c.portal == principal.portal
    if principal.role is Role.OFFICER:
        return tables.cases.c.office.in_(sorted(principal.offices - {""}))
    return sa.true()
