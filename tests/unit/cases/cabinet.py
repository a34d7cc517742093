"""The record of cases without its door, with a clock that tests move."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.cases import domain, events
from services.cases.app import MIGRATIONS
from services.cases.domain import Actor, Case, Decision, Moved, Outcome, Words
from services.cases.ports import Change, Result, Submission
from services.cases.store.cases import SqlCases
from services.cases.store.keys import Keys
from services.chassis.config import Settings
from services.chassis.database import Database, open_database
from services.chassis.workdays import read_calendar

BEGINNING = datetime(2026, 1, 18, 9, 30, tzinfo=UTC)
MASTER = bytes(32)
CALENDAR = read_calendar(None)
SUBMISSION = Submission(
    request_id="k1",
    words=Words(text="Паспорт жоғалттым"),
    portal="web",
    owner="aigul",
    language=None,
    region="",
)
TO_MIA = Decision(
    outcome=Outcome.ROUTE,
    actor=Actor.MODEL,
    service_id="identity.passport",
    office="MIA",
    channel="online",
)


class Clock:
    """Shows the time it is set to."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **spans: float) -> None:
        self.now += timedelta(**spans)


@dataclass(frozen=True, slots=True)
class Cabinet:
    """A store of cases, its databases and its clock."""

    store: SqlCases
    database: Database
    clock: Clock

    def add(self, **changed: Any) -> Case:
        return self.store.add(replace(SUBMISSION, **changed))

    def decide(self, case: Case, request_id: str = "d1", version: int = 0) -> Result:
        change = Change(
            case.id,
            version,
            request_id,
            lambda current: domain.decide(
                current, TO_MIA, region="", request_id=request_id, now=self.clock()
            ),
        )
        return self.store.apply([change])[0]

    def apply(self, case: Case, request_id: str, move: Callable[[Case], Moved]) -> Result:
        return self.store.apply([Change(case.id, 0, request_id, move)])[0]

    def withdraw(self, case: Case, request_id: str) -> Result:
        change = Change(
            case.id,
            0,
            request_id,
            lambda now: domain.withdraw(now, request_id=request_id, now=self.clock()),
        )
        return self.store.apply([change])[0]


@contextmanager
def cabinet_in(settings: Settings, clock: Clock | None = None) -> Iterator[Cabinet]:
    """Open the record that the settings name, and close it."""
    clock = clock or Clock()
    keys = open_database(settings, "case-keys", MIGRATIONS / "keys")
    database = open_database(settings, "cases", MIGRATIONS / "cases")
    try:
        cipher = Keys(keys, MASTER)
        outbox = events.Outbox(cipher.writer)
        yield Cabinet(SqlCases(database, cipher, outbox, clock, CALENDAR), database, clock)
    finally:
        database.close()
        keys.close()
