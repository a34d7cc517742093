"""What is due by law, stated with every step: years of working days in milliseconds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from services.cases import domain
from services.cases.domain import Answer, Case, Moved, Outcome, Rating, with_term
from services.cases.store import tables
from services.chassis.workdays import last_day
from tests.unit.cases.cabinet import CALENDAR, TO_MIA, Cabinet
from tests.unit.cases.test_domain import CASE

FIVE_DAYS = replace(TO_MIA, term_days=5)


def at(day: str) -> datetime:
    """Return the morning of a day of 2026, such as 02-16, in Kazakhstan."""
    return datetime.fromisoformat(f"2026-{day}T10:00:00+05:00").astimezone(UTC)


def decide(case: Case, outcome: str = "route", **named: Any) -> Moved:
    decision = replace(FIVE_DAYS, outcome=Outcome(outcome))
    return domain.decide(case, decision, region="", **named)


def answer(case: Case, kind: str, **named: Any) -> Moved:
    return domain.answer(case, Answer(kind), office="MIA", reason_code="WHY", **named)


MOVES: dict[str, Callable[..., Moved]] = {
    **dict.fromkeys(("route", "confirm", "triage"), decide),
    **dict.fromkeys(("accept", "ask", "return", "complete"), answer),
    "provide": domain.provide,
    "object": domain.object_to,
    "reopen": domain.reopen,
    "withdraw": domain.withdraw,
    "rate": lambda case, **named: domain.rate(case, Rating(5), **named),
}


def due_after(*story: str) -> str:
    """Tell a story such as '02-16 route'; return the last day of what is due after it."""
    day, _ = story[0].split()
    fresh = replace(CASE, version=1, submit_time=at(day), update_time=at(day))
    case = with_term(None, fresh, CALENDAR)
    for line in story[1:]:
        day, verb = line.split()
        said = [verb] if MOVES[verb] in (decide, answer) else []
        moved, _ = MOVES[verb](case, *said, request_id="r", now=at(day))
        case = with_term(case, moved, CALENDAR)
    return f"{last_day(case.due_time):%m-%d}" if case.due_time else ""


ASKED = ("02-16 submit", "02-16 route", "02-17 accept", "02-19 ask")
CONFIRMED = ("02-16 submit", "02-17 confirm")
STORIES = [
    ("passed on within three days", "02-19", ("02-16 submit",)),
    ("over a weekend", "02-17", ("02-12 submit",)),
    ("triage does not stretch it", "02-19", ("02-16 submit", "02-18 triage")),
    ("the service's own term", "02-25", ("02-16 submit", "02-18 route")),
    ("accepting does not stretch it", "02-25", ("02-16 submit", "02-18 route", "02-20 accept")),
    ("over a holiday", "03-11", ("03-02 submit", "03-03 route")),
    ("while the citizen is asked", "", ASKED),
    ("answered weeks later, two days were left", "04-03", (*ASKED, "04-01 provide")),
    ("answered at once", "02-23", (*ASKED, "02-19 provide")),
    ("asked when it was over already", "03-05", (*ASKED[:3], "03-02 ask", "03-05 provide")),
    ("the citizen chooses", "", CONFIRMED),
    ("chosen weeks later", "03-31", (*CONFIRMED, "03-19 route")),
    ("rather a person, two days were left", "04-03", (*CONFIRMED, "04-01 triage")),
    ("returned: to be passed on anew", "02-25", ("02-16 submit", "02-18 route", "02-20 return")),
    ("returned while asked", "02-25", (*ASKED, "02-20 return")),
    ("objected", "02-25", ("02-16 submit", "02-18 route", "02-20 object")),
    ("done", "", (*ASKED[:3], "02-20 complete")),
    ("done and rated", "", (*ASKED[:3], "02-20 complete", "02-23 rate")),
    ("reopened", "02-26", (*ASKED[:3], "02-20 complete", "02-23 reopen")),
    ("taken back", "", ("02-16 submit", "02-17 withdraw")),
]


@pytest.mark.parametrize(
    ("due", "story"), [row[1:] for row in STORIES], ids=[row[0] for row in STORIES]
)
def test_what_is_due_after_a_story(due: str, story: tuple[str, ...]) -> None:
    """Each row is a rule: what happened on which days of 2026, and which day is the last."""
    assert due_after(*story) == due


def test_a_decision_without_a_term_has_the_general_one() -> None:
    """Fifteen working days, as the code says where no other law does."""
    moved, _ = domain.decide(
        replace(CASE, update_time=at("02-02")), TO_MIA, region="", request_id="r", now=at("02-02")
    )

    due = with_term(CASE, moved, CALENDAR).due_time

    assert due is not None
    assert f"{last_day(due):%m-%d}" == "02-23"


def test_what_is_due_is_kept_and_told_with_the_step(cabinet: Cabinet) -> None:
    """The citizen sees the same time as the office is sent, over a restart and a question."""
    case = cabinet.add()
    cabinet.decide(case)
    kept = cabinet.store.get([case.id])[case.id].due_time

    with cabinet.database.read() as connection:
        rows = connection.execute(sa.select(tables.outbox.c.payload))
        told = [msgspec.json.decode(payload)["due_time"] for (payload,) in rows]

    assert kept is not None
    assert told[-1] == f"{kept:%Y-%m-%dT%H:%M:%S.%fZ}"
    assert told[0] < told[-1]


def test_a_stopped_clock_is_kept(cabinet: Cabinet) -> None:
    """The days that were left are on disk with the case."""
    case = cabinet.add()
    cabinet.decide(case)
    cabinet.apply(
        case,
        "q",
        lambda now: domain.answer(
            now,
            Answer.ASK,
            office="MIA",
            reason_code="WHICH",
            request_id="q",
            now=cabinet.clock(),
        ),
    )

    stopped = cabinet.store.get([case.id])[case.id]

    assert (stopped.due_time, stopped.days_left) == (None, 15)
