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
from services.cases.domain import Case, CaseMessage, Happening, Moved, Step
from services.cases.ports import (
    Change,
    Clock,
    Decided,
    Filter,
    Opened,
    Result,
    Status,
    Submission,
)
from services.cases.store import answers, arrivals, statements, tables
from services.cases.store.arrivals import Arrival
from services.cases.store.judgement import NOTHING, Request, Sealed, Standing, judge
from services.cases.store.keys import Keys
from services.cases.store.listing import listing
from services.cases.store.rows import (
    case_of,
    case_row,
    changing,
    encode,
    message_of,
    step_of,
    step_row,
)
from services.cases.store.sealing import seal
from services.chassis import sql
from services.chassis.database import Database
from services.chassis.errors import IdempotencyKeyReusedError, ServiceError
from services.chassis.principal import Principal
from services.chassis.sql import micros, time_of
from services.chassis.workdays import Calendar

SUBMISSION = ""
"""Names the first step; no caller's request id is empty, so none can be taken for it."""

Publish = Callable[[Case, Step], Sequence[dict[str, Any]]]
"""Makes the outbox rows of a step; handed in by app, since the store knows no wire."""


@dataclass(frozen=True, slots=True)
class SqlCases:
    """Cases, their steps, their words and their events in SQL; fits the three ports."""

    database: Database
    keys: Keys
    publish: Publish
    now: Clock
    calendar: Calendar

    def add(self, submission: Submission) -> Case:
        """Accept a submission; the same request id within seven days gets the first case."""
        case_id = new_id()
        sealed, wish = self._seal(case_id, submission)
        mac = self.keys.mac(arrivals.body(submission))
        arrival = Arrival(submission, case_id, mac, sealed, wish, copy_context())
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
        sealed = seal(self.keys, changes)
        results = self.database.change(lambda connection: self._apply(connection, changes, sealed))
        for change, result in zip(changes, results, strict=True):
            if change.part and result.status is not Status.RECORDED:
                self.keys.forget(change.part.id)
        return results

    def new_id(self) -> str:
        """Make the id of a case to come."""
        return new_id()

    def get(self, case_ids: Sequence[str]) -> Mapping[str, Case]:
        """Find cases by id."""
        with self.database.read() as connection:
            return _load(connection, case_ids)

    def list(self, wanted: Filter) -> Sequence[Case]:
        """Find cases, newest first or what is due first."""
        with self.database.read() as connection:
            return [case_of(row) for row in connection.execute(listing(wanted))]

    def steps(self, case_id: str) -> Sequence[Step]:
        """Return the steps of a case, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(statements.STEPS, {"of": case_id})
            return [step_of(row) for row in rows]

    def decided(self, after: tuple[str, int], limit: int) -> Sequence[Decided]:
        """Return which versions of cases were decisions, in order, behind one of them."""
        case_id, version = after
        wanted = {"after_case": case_id, "after_version": version, "most": limit}
        with self.database.read() as connection:
            rows = connection.execute(statements.DECIDED, wanted)
            return [Decided(row[0], row[1], time_of(row[2])) for row in rows]

    def record_access(self, case_ids: Sequence[str], principal: Principal) -> None:
        """Record that somebody is about to read the words of these cases."""
        rows = [
            {
                "id": new_id(),
                "case_id": case_id,
                "subject": principal.subject,
                "role": principal.role.value,
                "access_time": micros(self.now()),
            }
            for case_id in case_ids
        ]
        self.database.change(lambda connection: sql.add(connection, tables.accesses, rows))

    def erase(self, case_id: str) -> None:
        """Destroy the key of a case and what it sealed; nothing can undo it."""
        # The key first: without it the words are unreadable wherever they were copied to.
        self.keys.forget(case_id)
        gone = {"of": case_id}

        def remove(connection: sa.Connection) -> None:
            connection.execute(statements.REMOVE_WORDS, gone)
            connection.execute(statements.REMOVE_MESSAGES, gone)

        self.database.change(remove)

    def pseudonym(self, subject: str) -> str:
        """Return the name a member of staff has in every decision of this installation."""
        return self.keys.pseudonym(subject)

    def open(self, case_ids: Sequence[str]) -> Mapping[str, Opened]:
        """Open those cases that still have their words."""
        with self.database.read() as connection:
            rows = connection.execute(statements.SEALED, {"ids": case_ids})
            sealed = {row.case_id: row.sealed for row in rows}
        return self.keys.open(sealed)

    def messages(self, case_id: str) -> Sequence[CaseMessage]:
        """Return what was said on a case since, oldest first; nothing where it was erased."""
        with self.database.read() as connection:
            rows = connection.execute(statements.SAID, {"of": case_id}).all()
        words = self.keys.open_messages(case_id, {row.request_id: row.sealed for row in rows})
        return [message_of(row, words[row.request_id]) for row in rows if row.request_id in words]

    def _seal(self, case_id: str, submission: Submission) -> tuple[bytes, Sealed | None]:
        """Encrypt the words of a new case, and what is said beside them."""
        # The key is on disk before the words are: words without a key would be lost for ever.
        key = self.keys.new(case_id)
        words = self.keys.seal(case_id, key, submission.words)
        if submission.wish is None:
            return words, None
        wish = self.keys.seal(case_id, key, submission.wish, name=SUBMISSION)
        return words, Sealed(self.keys.mac(encode(submission.wish)), wish)

    def _insert(
        self, connection: sa.Connection, coming: Sequence[Arrival]
    ) -> Sequence[Case | ServiceError]:
        now = self.now()
        new = arrivals.remember(connection, coming, now)
        numbers = arrivals.take_numbers(connection, len(new), now)
        made = [
            domain.with_term(None, arrival.case(number, now), self.calendar)
            for arrival, number in zip(new, numbers, strict=True)
        ]
        if made:
            sql.add(connection, tables.cases, [case_row(case) for case in made])
            words = [{"case_id": arrival.case_id, "sealed": arrival.sealed} for arrival in new]
            sql.add(connection, tables.words, words)
            moved = [
                (case, one.first_step(case, SUBMISSION))
                for one, case in zip(new, made, strict=True)
            ]
            wishes = {one.case_id: one.wish for one in new if one.wish}
            told = zip(new, moved, strict=True)
            events = [row for one, step in told for row in one.context.run(self.publish, *step)]
            _record(connection, moved, events, wishes)
        return arrivals.answers(connection, coming, {case.id: case for case in made}, now)

    def _apply(
        self,
        connection: sa.Connection,
        changes: Sequence[Change],
        sealed: Mapping[str, Sealed],
    ) -> Sequence[Result]:
        ids = [change.case_id for change in changes]
        found = _load(connection, ids, lock=True)
        standing = _standing(connection, ids, sealed, self.calendar)
        moved: list[tuple[Case, Step]] = []
        results = [judge(one, found.get(one.case_id), standing, moved) for one in changes]
        parts: Sequence[Moved] = ()
        if moved:
            rows = [{"id": case.id, **changing(case)} for case, _ in moved]
            sql.update(connection, tables.cases, rows)
            parts = self._begin_parts(connection, changes, moved, sealed)
            events = [row for one in (*moved, *parts) for row in self.publish(*one)]
            _record(connection, [*moved, *parts], events, sealed)
        return answers.tell(connection, changes, results, parts)

    def _begin_parts(
        self,
        connection: sa.Connection,
        changes: Sequence[Change],
        moved: Sequence[Moved],
        sealed: Mapping[str, Sealed],
    ) -> Sequence[Moved]:
        """Make the cases that are split off, with their numbers and words."""
        splits = [(case, step) for case, step in moved if step.child_id]
        if not splits:
            return []
        parts = {change.part.id: change.part for change in changes if change.part}
        numbers = arrivals.take_numbers(connection, len(splits), self.now())
        begun = [
            domain.begin_part(case, step, number, parts[step.child_id].suggestion)
            for (case, step), number in zip(splits, numbers, strict=True)
        ]
        begun = [(domain.with_term(None, child, self.calendar), step) for child, step in begun]
        sql.add(connection, tables.cases, [case_row(child) for child, _ in begun])
        words = [{"case_id": step.child_id, "sealed": sealed[of.id].words} for of, step in splits]
        sql.add(connection, tables.words, words)
        return begun


def new_id() -> str:
    """Make a UUID version 7 (RFC 9562): in the order of time, with 62 random bits.

    The twelve bits after the milliseconds hold their fraction (section 6.2, method 3).
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = nanoseconds * 4096 // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62)
    return str(UUID(int=value))


def _load(
    connection: sa.Connection, case_ids: Sequence[str], *, lock: bool = False
) -> dict[str, Case]:
    query = statements.CASES_TO_CHANGE if lock else statements.CASES
    return {row.id: case_of(row) for row in connection.execute(query, {"ids": case_ids})}


def _standing(
    connection: sa.Connection,
    ids: Sequence[str],
    sealed: Mapping[str, Sealed],
    calendar: Calendar,
) -> Standing:
    """Return the requests that stand, and which cases were erased."""
    rows = connection.execute(statements.REQUESTS, {"ids": ids}).all()
    requests = {(row.case_id, row.request_id): Request(row.body_mac, row.terms_mac) for row in rows}
    erased = frozenset(row.case_id for row in rows if row.type == Happening.ERASED)
    return Standing(requests, erased, sealed, calendar)


def _record(
    connection: sa.Connection,
    moved: Sequence[tuple[Case, Step]],
    events: Sequence[Mapping[str, Any]],
    sealed: Mapping[str, Sealed],
) -> None:
    rows = [step_row(case.id, step, sealed.get(case.id, NOTHING)) for case, step in moved]
    sql.add(connection, tables.steps, rows)
    said = [
        {"case_id": case.id, "case_version": step.case_version, "sealed": sealed[case.id].words}
        for case, step in moved
        if sealed.get(case.id, NOTHING).words and not step.child_id
    ]
    sql.add(connection, tables.messages, said)
    sql.add(connection, tables.outbox, events)
