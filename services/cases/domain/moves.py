"""How a case moves.

A case changes by steps. Each step raises the version by one and becomes one
event; MOVES is the whole table of what may happen in which state.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.cases.domain.values import (
    Case,
    Decision,
    Escalation,
    Happening,
    Judgement,
    Step,
)
from services.chassis import story
from services.chassis.errors import ConflictError, InvalidError, NotFoundError
from services.chassis.principal import Principal, Role
from services.chassis.story import Actor, ContactKind, Outcome, State

UNDECIDED = (State.SUBMITTED, State.CONFIRMATION_REQUESTED, State.TRIAGED, State.RETURNED)
HELD = (State.ROUTED, State.ACCEPTED, State.INFORMATION_REQUESTED)
SEE_ALL = (Role.ANALYST, Role.ADMINISTRATOR, Role.SERVICE)
ENDED = (State.COMPLETED, State.WITHDRAWN)

MOVES: Mapping[Happening, frozenset[State]] = {
    Happening.ROUTED: frozenset(UNDECIDED),
    Happening.CONFIRMATION_REQUESTED: frozenset({State.SUBMITTED, State.RETURNED}),
    Happening.TRIAGED: frozenset({State.SUBMITTED, State.RETURNED, State.CONFIRMATION_REQUESTED}),
    Happening.ACCEPTED: frozenset({State.ROUTED}),
    Happening.INFORMATION_REQUESTED: frozenset({State.ROUTED, State.ACCEPTED}),
    Happening.INFORMATION_PROVIDED: frozenset({State.INFORMATION_REQUESTED}),
    # An office completes what it accepted; a triage officer completes what no service handles.
    Happening.COMPLETED: frozenset({State.ACCEPTED, State.INFORMATION_REQUESTED, *UNDECIDED}),
    Happening.RETURNED: frozenset(HELD),
    Happening.SPLIT: frozenset({State.TRIAGED, *HELD}),
    Happening.REOPENED: frozenset({State.COMPLETED}),
    Happening.OBJECTED: frozenset(HELD),
    Happening.RATED: frozenset({State.COMPLETED}),
    Happening.OVERDUE: frozenset(
        {State.SUBMITTED, State.TRIAGED, State.RETURNED, State.ROUTED, State.ACCEPTED}
    ),
    Happening.WITHDRAWN: frozenset(state for state in State if state not in ENDED),
    Happening.ERASED: frozenset(State),
}
"""The states in which each thing may happen."""

Moved = tuple[Case, Step]


class NotPossibleNowError(ConflictError):
    """The state of the case does not allow this."""


class UnknownCaseError(NotFoundError):
    """There is no such case."""

    reason = "CASE_NOT_FOUND"


def submit(
    case: Case,
    request_id: str,
    *,
    contact_kind: ContactKind | None = None,
    ask_person: bool = False,
) -> Step:
    """Return the first step of a new case.

    It tells whether its citizen wants a person to choose, and whether to be told of each step.
    """
    return Step(
        case_version=1,
        type=Happening.SUBMITTED,
        event_time=case.submit_time,
        state=State.SUBMITTED,
        actor=Actor.CITIZEN,
        reason_code=story.ASKED_FOR_PERSON if ask_person else "",
        request_id=request_id,
        contact_kind=contact_kind,
    )


def first_answer(case: Case) -> Case:
    """Return the case as it was when it was accepted, which is what its receipt says."""
    return Case(
        id=case.id,
        number=case.number,
        state=State.SUBMITTED,
        version=1,
        submit_time=case.submit_time,
        update_time=case.submit_time,
        portal=case.portal,
        owner=case.owner,
        language=case.language,
        region=case.region,
    )


def as_of(case: Case, step: Step) -> Case:
    """Return what its history alone still knows of a case as it was after a step."""
    return replace(
        first_answer(case),
        state=step.state,
        version=step.case_version,
        update_time=step.event_time,
        region="",
        office=step.office,
    )


def decide(case: Case, decision: Decision, *, region: str, request_id: str, now: datetime) -> Moved:
    """Apply a decision: to an office, to the citizen, or to a person."""
    if case.state not in UNDECIDED:
        raise NotPossibleNowError(f"a case that is {case.state} is decided already")
    happening = _happening(decision)
    stamped = replace(
        decision,
        id=decision.id or f"{case.id}:{case.version + 1}",
        decide_time=now,
        overrides=case.decision.id if case.decision else "",
    )
    routed = happening is Happening.ROUTED
    return move(
        replace(
            case,
            region=region or case.region,
            decision=stamped,
            judgement=_judgement(stamped) or case.judgement,
            service_id=decision.service_id if routed else "",
            office=decision.office if routed else "",
            channel=decision.channel if routed else None,
            suggested_service_id="" if routed else case.suggested_service_id,
            suggested_office="" if routed else case.suggested_office,
        ),
        happening,
        actor=decision.actor,
        reason_code=decision.reason_code,
        request_id=request_id,
        now=now,
        decision=stamped,
    )


def erase(case: Case, *, request_id: str, now: datetime) -> Moved:
    """Tell that the words are gone for ever; nobody can work on an open case without them."""
    return move(
        case,
        Happening.ERASED,
        actor=Actor.SYSTEM,
        reason_code="ERASED",
        request_id=request_id,
        now=now,
    )


def may_see(case: Case, principal: Principal) -> bool:
    """Tell whether somebody may know of a case at all; who may not is told it does not exist."""
    if principal.role is Role.CITIZEN:
        return case.owner == principal.subject
    if principal.role is Role.PORTAL:
        return case.portal == principal.portal
    if principal.role is Role.OFFICER:
        return case.office != "" and case.office in principal.offices
    if principal.role is Role.TRIAGE_OFFICER:
        # What one of them chose they still see, so that whoever comes second is told why.
        chosen = case.decision is not None and case.decision.actor is Actor.TRIAGE_OFFICER
        return chosen or case.state in UNDECIDED
    return principal.role in SEE_ALL


def may_answer(case: Case, office: str) -> bool:
    """Tell whether an office holds a case; any other is told that there is no such case."""
    return office != "" and case.office == office


def _judgement(decision: Decision) -> Judgement | None:
    if decision.actor is not Actor.MODEL:
        return None
    return Judgement(decision_id=decision.id, model=decision.model, service_id=decision.service_id)


def _happening(decision: Decision) -> Happening:
    if decision.outcome is Outcome.ROUTE:
        if not (decision.service_id and decision.office and decision.channel):
            raise InvalidError("a routed case needs a service, an office and a channel")
        return Happening.ROUTED
    if decision.outcome is Outcome.CONFIRM:
        return Happening.CONFIRMATION_REQUESTED
    if decision.outcome is Outcome.OUT_OF_SCOPE and decision.actor is Actor.TRIAGE_OFFICER:
        return Happening.COMPLETED
    return Happening.TRIAGED


def move(
    case: Case,
    happening: Happening,
    *,
    actor: Actor,
    request_id: str,
    now: datetime,
    state: State | None = None,
    reason_code: str = "",
    previous_office: str = "",
    decision: Decision | None = None,
    child_id: str = "",
    escalation: Escalation | None = None,
) -> Moved:
    """Make a step that the table allows; it leads to the state it is named after, or the given."""
    if case.state not in MOVES[happening]:
        raise NotPossibleNowError(f"a case that is {case.state} cannot become {happening}")
    moved = replace(
        case,
        state=state or _state_after(case, happening),
        version=case.version + 1,
        update_time=now,
    )
    step = Step(
        case_version=moved.version,
        type=happening,
        event_time=now,
        state=moved.state,
        actor=actor,
        office=moved.office,
        reason_code=reason_code,
        request_id=request_id,
        previous_office=previous_office,
        decision=decision,
        child_id=child_id,
        escalation=escalation,
    )
    return moved, step


def _state_after(case: Case, happening: Happening) -> State:
    if happening is Happening.ERASED:
        return case.state if case.state in ENDED else State.WITHDRAWN
    return State(happening)
