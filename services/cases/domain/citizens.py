"""What the citizen whose case it is may wish."""

from dataclasses import replace
from datetime import datetime

from services.cases.domain.moves import Moved, NotPossibleNowError, move
from services.cases.domain.values import Case, Happening, Rating
from services.chassis.story import Actor, State


class NotByModelError(NotPossibleNowError):
    """A person decided this; who is not content with that writes to the office, or reopens."""

    reason = "NOT_DECIDED_BY_MODEL"


def withdraw(case: Case, *, request_id: str, now: datetime) -> Moved:
    """End the case."""
    ended = replace(case, resume_state=None)
    return move(ended, Happening.WITHDRAWN, actor=Actor.CITIZEN, request_id=request_id, now=now)


def provide(case: Case, *, request_id: str, now: datetime) -> Moved:
    """Answer what was asked: the case is where it was before the question."""
    return move(
        replace(case, resume_state=None),
        Happening.INFORMATION_PROVIDED,
        state=case.resume_state or State.ROUTED,
        actor=Actor.CITIZEN,
        request_id=request_id,
        now=now,
    )


def reopen(case: Case, *, request_id: str, now: datetime) -> Moved:
    """Say that the case is not done: a person looks at it anew, and no office holds it."""
    return _to_person(case, Happening.REOPENED, "CITIZEN_REOPENED", request_id, now)


def object_to(case: Case, *, request_id: str, now: datetime) -> Moved:
    """Object to what a model decided: a person decides, and no office holds the case."""
    if case.decision and case.decision.actor is not Actor.MODEL:
        raise NotByModelError
    return _to_person(case, Happening.OBJECTED, "CITIZEN_OBJECTED", request_id, now)


def rate(case: Case, rating: Rating, *, request_id: str, now: datetime) -> Moved:
    """Say how the case was handled; it stays as it is."""
    rated = replace(case, rating=rating)
    return move(
        rated,
        Happening.RATED,
        state=case.state,
        actor=Actor.CITIZEN,
        request_id=request_id,
        now=now,
    )


def _to_person(
    case: Case, happening: Happening, reason: str, request_id: str, now: datetime
) -> Moved:
    freed = replace(case, service_id="", office="", channel=None, resume_state=None)
    return move(
        freed,
        happening,
        state=State.TRIAGED,
        actor=Actor.CITIZEN,
        reason_code=reason,
        request_id=request_id,
        now=now,
        previous_office=case.office,
    )
