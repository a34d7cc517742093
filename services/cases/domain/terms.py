"""What is due by law, and when: stated with every step, run as clocks by delivery.

A case that no office has must be passed on within three working days of its
receipt (Administrative Procedural Code, article 65); one that an office has must
be completed within the term of its service. While its citizen is asked, no time passes.
"""

from dataclasses import replace

from services.cases.domain.moves import ENDED, UNDECIDED
from services.cases.domain.values import Case
from services.chassis.story import State
from services.chassis.workdays import Calendar

PASS_ON_DAYS = 3
TERM_DAYS = 15
"""The term of a case whose decision names none: the general one of article 76."""
STOPPED = frozenset({State.CONFIRMATION_REQUESTED, State.INFORMATION_REQUESTED})
WAITING = frozenset(UNDECIDED)


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
