"""The record of cases: each change and its event in one transaction."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.cases import domain
from services.cases.domain import Case, Step, Words
from services.cases.domain.moves import SEE_ALL, UNDECIDED
from services.cases.ports import Change, Clock, Filter, Result, Status, Submission
from services.cases.store import arrivals, statements, tables
from services.cases.store.arrivals import Arrival
from services.cases.store.keys import Keys
from services.cases.store.rows import case_of, case_row, changing, encode, step_of, step_row
from services.chassis.database import Database
from services.chassis.errors import ConflictError, IdempotencyKeyReusedError, ServiceError
from services.chassis.principal import Principal, Role
from services.chassis.sql import micros

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
        case_id = new_id()
        # The key is on disk before the words are: words without a key would be lost for ever.
        sealed = self.keys.seal(case_id, self.keys.new(case_id), submission.words)
        mac = self.keys.mac(encode((submission.words, submission.language, submission.region)))
        arrival = Arrival(submission, case_id, mac, sealed, copy_context())
        try:
            case = self.database.share(self._insert, arrival)
        except IdempotencyKeyReusedError:
            self.keys.forget(case_id)
            raise
        if case.id != case_id:
            self.keys.forget(case_id)
        return case

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
        if wanted.number:
            query = query.where(tables.cases.c.number == wanted.number)
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

    def _insert(
        self, connection: sa.Connection, coming: Sequence[Arrival]
    ) -> Sequence[Case | ServiceError]:
        now = self.now()
        new = arrivals.remember(connection, coming, now)
        numbers = arrivals.take_numbers(connection, len(new), now)
        made = [arrival.case(number, now) for arrival, number in zip(new, numbers, strict=True)]
        if made:
            connection.execute(statements.ADD_CASE, [case_row(case) for case in made])
            words = [{"case_id": arrival.case_id, "sealed": arrival.sealed} for arrival in new]
            connection.execute(statements.ADD_WORDS, words)
            moved = [(case, domain.submit(case, SUBMISSION)) for case in made]
            told = zip(new, moved, strict=True)
            _record(connection, moved, [one.context.run(self.publish, *step) for one, step in told])
        return arrivals.answers(connection, coming, {case.id: case for case in made}, now)

    def _apply(self, connection: sa.Connection, changes: Sequence[Change]) -> Sequence[Result]:
        ids = [change.case_id for change in changes]
        found = _load(connection, ids, lock=True)
        repeated = _recorded(connection, changes)
        moved: list[tuple[Case, Step]] = []
        results = [_judge(change, found.get(change.case_id), repeated, moved) for change in changes]
        if moved:
            rows = [{"case_id": case.id, **changing(case)} for case, _ in moved]
            connection.execute(statements.MOVE_CASE, rows)
            _record(connection, moved, [self.publish(case, step) for case, step in moved])
        return results


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


def _record(
    connection: sa.Connection,
    moved: Sequence[tuple[Case, Step]],
    events: Sequence[Mapping[str, Any]],
) -> None:
    rows = [step_row(case.id, step) for case, step in moved]
    connection.execute(statements.ADD_STEPS, rows)
    connection.execute(statements.ADD_EVENTS, events)


def _visible_to(principal: Principal) -> sa.ColumnElement[bool]:
    """The same rule as domain.may_see, for many cases at once.

    But a triage officer's list is of what waits, without what they have chosen already.
    """
    if principal.role is Role.CITIZEN:
        return tables.cases.c.owner == principal.subject
    if principal.role is Role.PORTAL:
        return tables.cases.c.portal == principal.portal
    if principal.role is Role.OFFICER:
        return tables.cases.c.office.in_(sorted(principal.offices - {""}))
    if principal.role is Role.TRIAGE_OFFICER:
        return tables.cases.c.state.in_([state.value for state in UNDECIDED])
    return sa.true() if principal.role in SEE_ALL else sa.false()
