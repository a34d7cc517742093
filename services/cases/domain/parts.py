"""Parts of a request that belong elsewhere: each becomes a case of its own."""

from dataclasses import replace
from datetime import datetime

from services.cases.domain.moves import Moved, UnknownCaseError, may_answer, move
from services.cases.domain.values import Case, Happening, Step, Suggestion
from services.chassis.errors import ConflictError
from services.chassis.story import Actor, State

MAX_PARTS = 20
SPLIT = "PART_ELSEWHERE"
SPLIT_OFF = "PART_OF_ANOTHER"


class TooManyPartsError(ConflictError):
    """A case is split at most 20 times."""

    reason = "TOO_MANY_PARTS"


def split(case: Case, *, office: str, child_id: str, request_id: str, now: datetime) -> Moved:
    """Split a part off: by the office that holds the case, or by triage, which is no office."""
    if office and not may_answer(case, office):
        raise UnknownCaseError
    if len(case.child_ids) >= MAX_PARTS:
        raise TooManyPartsError
    return move(
        replace(case, child_ids=(*case.child_ids, child_id)),
        Happening.SPLIT,
        state=case.state,
        actor=Actor.OFFICER if office else Actor.TRIAGE_OFFICER,
        reason_code=SPLIT,
        request_id=request_id,
        now=now,
        child_id=child_id,
    )


def begin_part(parent: Case, split: Step, number: str, suggestion: Suggestion) -> Moved:
    """Return the case that was split off, and its first step.

    The office that split it off has said that it is not its own, so it never goes back there.
    """
    not_theirs = (parent.office,) if split.actor is Actor.OFFICER else ()
    child = Case(
        id=split.child_id,
        number=number,
        state=State.SUBMITTED,
        version=1,
        submit_time=split.event_time,
        update_time=split.event_time,
        portal=parent.portal,
        owner=parent.owner,
        language=parent.language,
        region=parent.region,
        returned_by=not_theirs,
        suggested_service_id=suggestion.service_id,
        suggested_office=suggestion.office,
        parent_id=parent.id,
    )
    step = Step(
        case_version=1,
        type=Happening.SUBMITTED,
        event_time=split.event_time,
        state=State.SUBMITTED,
        actor=split.actor,
        reason_code=SPLIT_OFF,
    )
    return child, step
