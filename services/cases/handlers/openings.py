"""Who has a case open, so that two do not work on one unawares."""

from datetime import timedelta

from services.cases.domain import Opening
from services.cases.handlers.record import visible
from services.cases.ports import Cases, Clock, Look, Openings
from services.chassis.principal import Principal, Role

OPEN = timedelta(minutes=15)
"""So long after somebody last looked at a case they have it open."""


def open_case(
    principal: Principal,
    case_id: str,
    *,
    takes_over: bool,
    cases: Cases,
    openings: Openings,
    now: Clock,
) -> Opening:
    """Open a case for whoever works on it, and return who has it open at their desk.

    An office has a desk of its own, and so have those who sort: who had a case open before it
    went elsewhere is no colleague there.
    """
    case = visible(principal, case_id, cases)
    desk = case.office if principal.role is Role.OFFICER else principal.role.value
    look = Look(case.id, desk, principal.subject, now(), takes_over)
    return openings.open(look, look.time - OPEN)
