"""What the citizen whose case it is may wish."""

from dataclasses import replace
from datetime import datetime

from services.cases.domain.moves import Moved, move
from services.cases.domain.values import Case, Happening
from services.chassis.story import Actor, State


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
