"""Submissions on their way into the record: those that come together go in together."""

from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.cases import domain
from services.cases.domain import Case, State, Step
from services.cases.ports import Submission
from services.cases.store import statements
from services.cases.store.judgement import Sealed
from services.cases.store.rows import case_of, encode
from services.chassis.errors import IdempotencyKeyReusedError, ServiceError, UnavailableError
from services.chassis.sql import micros
from services.chassis.workdays import KAZAKHSTAN

SWEEP_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Arrival:
    """A submission with the id that its case will have, and its words sealed."""

    submission: Submission
    case_id: str
    mac: bytes
    sealed: bytes
    wish: Sealed | None
    """What is said beside them, if anything is."""
    context: Context
    """The caller's: the event belongs to its trace."""

    @property
    def name(self) -> tuple[str, str]:
        """Keys are a caller's own: two portals, or two citizens of one, may use the same."""
        whose = encode((self.submission.portal, self.submission.owner)).decode()
        return whose, self.submission.request_id

    def case(self, number: str, now: datetime) -> Case:
        """Return the case that this begins."""
        return Case(
            id=self.case_id,
            number=number,
            state=State.SUBMITTED,
            version=1,
            submit_time=now,
            update_time=now,
            portal=self.submission.portal,
            owner=self.submission.owner,
            language=self.submission.language,
            region=self.submission.region,
            chosen_service_id=self.submission.service_id,
        )

    def first_step(self, case: Case, request_id: str) -> Step:
        """Return the step that the case begins with."""
        asked = self.submission
        kind = asked.words.contact_kind
        return domain.submit(case, request_id, contact_kind=kind, ask_person=asked.ask_person)


def body(submission: Submission) -> bytes:
    """Return what must be the same in a repetition; as ever where there is no wish or choice."""
    told = (submission.words, submission.language, submission.region)
    wish = (submission.wish, submission.ask_person)
    chosen = (submission.service_id,) if submission.service_id else ()
    return encode((*told, *wish, *chosen) if any((*wish, *chosen)) else told)


def remember(
    connection: sa.Connection, arrivals: Sequence[Arrival], now: datetime
) -> Sequence[Arrival]:
    """Remember submissions by their names; return those that are new."""
    named: dict[tuple[str, str], Arrival] = {}
    for arrival in arrivals:
        named.setdefault(arrival.name, arrival)
    expires = micros(now + statements.REMEMBERED)
    # In order, so that two processes cannot wait for each other.
    rows = [_submission_row(name, named[name], expires) for name in sorted(named)]
    kept = connection.execute(statements.remember(connection.dialect.name), rows)
    new = {row.case_id for row in kept}
    return [arrival for arrival in arrivals if arrival.case_id in new]


def take_numbers(connection: sa.Connection, count: int, now: datetime) -> Sequence[str]:
    """Take the next receipt numbers of the year; a change that is undone gives them back."""
    if not count:
        return []
    year = now.astimezone(KAZAKHSTAN).year
    raising = statements.count(connection.dialect.name)
    values = {"name": f"case-{year}", "value": count}
    last = int(connection.execute(raising, values).scalar_one())
    if last // SWEEP_EVERY != (last - count) // SWEEP_EVERY:
        connection.execute(statements.SWEEP, {"now": micros(now)})
    return [domain.receipt_number(year, last - count + n) for n in range(1, count + 1)]


def answers(
    connection: sa.Connection,
    arrivals: Sequence[Arrival],
    made: Mapping[str, Case],
    now: datetime,
) -> Sequence[Case | ServiceError]:
    """Answer each submission with its case, be it new or known."""
    return [made.get(arrival.case_id) or _known(connection, arrival, now) for arrival in arrivals]


def _known(connection: sa.Connection, arrival: Arrival, now: datetime) -> Case | ServiceError:
    of, named = arrival.name
    wanted = {"of": of, "named": named, "now": micros(now)}
    row = connection.execute(statements.SUBMISSION, wanted).first()
    if row is None:  # swept since it was found to be there
        return UnavailableError()
    if row.body_mac != arrival.mac:
        return IdempotencyKeyReusedError()
    return case_of(connection.execute(statements.CASES, {"ids": [row.case_id]}).one())


def _submission_row(name: tuple[str, str], arrival: Arrival, expires: int) -> dict[str, Any]:
    scope, request_id = name
    return {
        "scope": scope,
        "request_id": request_id,
        "body_mac": arrival.mac,
        "case_id": arrival.case_id,
        "expires": expires,
    }
