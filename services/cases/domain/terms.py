"""What is due by law, and when: stated with every step, run as clocks by delivery.

A case that no office has must be passed on within three working days of its
receipt (Administrative Procedural Code, article 65); one that an office has must
be completed within the term of its service. While its citizen is asked, no time passes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from services.cases.domain.moves import ENDED, UNDECIDED, Moved, NotPossibleNowError, move
from services.cases.domain.values import Case, Escalation, Happening
from services.chassis.story import Actor, State
from services.chassis.workdays import Calendar

PASS_ON_DAYS = 3
TERM_DAYS = 15
"""The term of a case whose decision names none: the general one of article 76."""
STOPPED = frozenset({State.CONFIRMATION_REQUESTED, State.INFORMATION_REQUESTED})
WAITING = frozenset(UNDECIDED)


class Clock(StrEnum):
    """What the law gives a term for."""

    RECEIPT = "receipt"
    PASS_ON = "pass-on"  # noqa: S105  what is passed on is a case
    TERM = "term"


OVERDUE: Mapping[Clock, str] = {
    Clock.RECEIPT: "RECEIPT_OVERDUE",
    Clock.PASS_ON: "PASS_ON_OVERDUE",
    Clock.TERM: "TERM_OVERDUE",
}
RUNS_IN: Mapping[Clock, frozenset[State]] = {
    Clock.RECEIPT: frozenset({State.ROUTED}),
    Clock.PASS_ON: frozenset({*WAITING - STOPPED, State.ROUTED}),
    Clock.TERM: frozenset({State.ROUTED, State.ACCEPTED}),
}
"""The states in which each clock runs; in any other it has nothing to say."""


def with_term(before: Case | None, case: Case, calendar: Calendar) -> Case:
    """Return a case with what is due after a step, given the case before it, if it was there."""
    if case.state in ENDED:
        return replace(case, due_time=None, days_left=None)
    if case.state in STOPPED:
        return _stopped(case, calendar)
    if before is None or _is_new_stage(before, case):
        return _started(case, _days(case), calendar)
    if case.days_left is not None:
        return _started(case, case.days_left, calendar)
    return case


def overdue(
    case: Case, clock: Clock, level: int, *, office: str, request_id: str, now: datetime
) -> Moved:
    """Tell that something was not done in time, unless the case has moved on meanwhile."""
    if case.office != office or case.state not in RUNS_IN[clock]:
        raise NotPossibleNowError("the case has moved on")
    return move(
        case,
        Happening.OVERDUE,
        state=case.state,
        actor=Actor.SYSTEM,
        reason_code=OVERDUE[clock],
        request_id=request_id,
        now=now,
        escalation=Escalation(level),
    )


def _is_new_stage(before: Case, case: Case) -> bool:
    """Tell whether another term begins: an office got the case, or lost it."""
    return (before.state in WAITING) is not (case.state in WAITING)


def _days(case: Case) -> int:
    if case.state in WAITING:
        return PASS_ON_DAYS
    return (case.decision.term_days if case.decision else 0) or TERM_DAYS


def _started(case: Case, days: int, calendar: Calendar) -> Case:
    due_time = calendar.end_of_term(case.update_time, days)
    return replace(case, due_time=due_time, days_left=None)


def _stopped(case: Case, calendar: Calendar) -> Case:
    if case.due_time is None:
        return case
    left = calendar.days_left(case.update_time, case.due_time)
    return replace(case, due_time=None, days_left=left)
