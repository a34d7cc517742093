"""What a case is, and how it moves.

A case changes by steps. Each step raises the version by one and becomes one
event; MOVES is the whole table of what may happen in which state.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import ConflictError, InvalidError
from services.chassis.principal import Principal, Role

MAX_TEXT_CHARACTERS = 4000
MAX_CONTACT_CHARACTERS = 254
REQUEST_ID = re.compile(r"^[\x21-\x7e]{1,128}$")
REGION = re.compile(r"^\d{2}$")
REASON_CODE = re.compile(r"^[A-Z][A-Z0-9_]{0,63}$")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class State(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    CONFIRMATION_REQUESTED = "confirmation-requested"
    TRIAGED = "triaged"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    INFORMATION_REQUESTED = "information-requested"
    COMPLETED = "completed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What a decision says."""

    ROUTE = "route"
    CONFIRM = "confirm"
    TRIAGE = "triage"
    OUT_OF_SCOPE = "out-of-scope"


class Actor(StrEnum):
    """Who acted."""

    CITIZEN = "citizen"
    MODEL = "model"
    TRIAGE_OFFICER = "triage-officer"
    OFFICER = "officer"
    SYSTEM = "system"


class Answer(StrEnum):
    """What an office answers."""

    ACCEPT = "accept"
    COMPLETE = "complete"
    RETURN = "return"


class Happening(StrEnum):
    """What happened to a case; the name of the event."""

    SUBMITTED = "submitted"
    CONFIRMATION_REQUESTED = "confirmation-requested"
    TRIAGED = "triaged"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


UNDECIDED = (State.SUBMITTED, State.CONFIRMATION_REQUESTED, State.TRIAGED, State.RETURNED)
ENDED = (State.COMPLETED, State.WITHDRAWN)

MOVES: Mapping[Happening, frozenset[State]] = {
    Happening.ROUTED: frozenset(UNDECIDED),
    Happening.CONFIRMATION_REQUESTED: frozenset({State.SUBMITTED, State.RETURNED}),
    Happening.TRIAGED: frozenset(
        {State.SUBMITTED, State.RETURNED, State.CONFIRMATION_REQUESTED}
    ),
    Happening.ACCEPTED: frozenset({State.ROUTED}),
    # An office completes what it accepted; a triage officer completes what no service handles.
    Happening.COMPLETED: frozenset({State.ACCEPTED, *UNDECIDED}),
    Happening.RETURNED: frozenset({State.ROUTED, State.ACCEPTED}),
    Happening.WITHDRAWN: frozenset(state for state in State if state not in ENDED),
}
"""The states in which each thing may happen."""


class TextLengthError(InvalidError):
    """The text must have between 1 and 4,000 characters."""

    reason = "TEXT_LENGTH"


class NotPossibleNowError(ConflictError):
    """The state of the case does not allow this."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A candidate service."""

    service_id: str
    probability: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about a case, by a model or a person; fields as in cases.proto."""

    outcome: Outcome
    actor: Actor
    id: str = ""
    service_id: str = ""
    office: str = ""
    channel: str | None = None
    probability: float = 0.0
    alternatives: tuple[Alternative, ...] = ()
    model: str = ""
    catalogue_version: str = ""
    policy_version: str = ""
    language: str | None = None
    reason_code: str = ""
    route_threshold: float = 0.0
    confirm_threshold: float = 0.0
    decide_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What only the citizen and the office that holds the case may read."""

    text: str
    contact: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.text.strip()) or len(self.text) > MAX_TEXT_CHARACTERS:
            raise TextLengthError(field="text")
        if CONTROL.search(self.text):
            raise InvalidError("the text holds control characters", field="text")
        if len(self.contact) > MAX_CONTACT_CHARACTERS or CONTROL.search(self.contact):
            raise InvalidError("contact has at most 254 printable characters", field="contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A citizen's request on its way, without its words; fields as in cases.proto."""

    id: str
    number: str
    state: State
    version: int
    submit_time: datetime
    update_time: datetime
    portal: str
    owner: str
    language: str | None = None
    region: str = ""
    service_id: str = ""
    office: str = ""
    channel: str | None = None
    decision: Decision | None = None
    returned_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a case."""

    case_version: int
    type: Happening
    event_time: datetime
    state: State
    actor: Actor
    office: str = ""
    reason_code: str = ""
    request_id: str = ""
    previous_office: str = ""
    decision: Decision | None = None


Moved = tuple[Case, Step]


def check_request_id(request_id: str) -> None:
    """Refuse a request id that is not 1 to 128 printable ASCII characters."""
    if not REQUEST_ID.match(request_id):
        raise InvalidError(
            "a request id has 1 to 128 printable ASCII characters", field="request_id"
        )


def check_region(region: str) -> None:
    """Refuse a region that is not two digits; empty is allowed."""
    if region and not REGION.match(region):
        raise InvalidError("a region is the first two digits of its KATO code", field="region")


def submit(case: Case, request_id: str) -> Step:
    """Return the first step of a new case."""
    return Step(
        case_version=1,
        type=Happening.SUBMITTED,
        event_time=case.submit_time,
        state=State.SUBMITTED,
        actor=Actor.CITIZEN,
        request_id=request_id,
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


def decide(case: Case, decision: Decision, *, region: str, request_id: str, now: datetime) -> Moved:
    """Apply a decision: to an office, to the citizen, or to a person."""
    happening = _happening(decision)
    stamped = replace(
        decision, id=decision.id or f"{case.id}:{case.version + 1}", decide_time=now
    )
    routed = happening is Happening.ROUTED
    return _move(
        replace(
            case,
            region=region or case.region,
            decision=stamped,
            service_id=decision.service_id if routed else "",
            office=decision.office if routed else "",
            channel=decision.channel if routed else None,
        ),
        happening,
        actor=decision.actor,
        reason_code=decision.reason_code,
        request_id=request_id,
        now=now,
        decision=stamped,
    )


def answer(
    case: Case, kind: Answer, *, office: str, reason_code: str, request_id: str, now: datetime
) -> Moved:
    """Apply an office's answer; only the office that holds the case may give one."""
    if case.office != office:
        raise NotPossibleNowError(f"{office} does not hold this case", reason="NOT_HOLDER")
    if kind is Answer.RETURN:
        return _give_back(case, reason_code=reason_code, request_id=request_id, now=now)
    happening = Happening.ACCEPTED if kind is Answer.ACCEPT else Happening.COMPLETED
    if happening is Happening.COMPLETED and case.state is not State.ACCEPTED:
        raise NotPossibleNowError("an office completes only what it accepted")
    return _move(
        case,
        happening,
        actor=Actor.OFFICER,
        reason_code=reason_code,
        request_id=request_id,
        now=now,
    )


def withdraw(case: Case, *, request_id: str, now: datetime) -> Moved:
    """End the case at its citizen's wish."""
    return _move(
        case, Happening.WITHDRAWN, actor=Actor.CITIZEN, request_id=request_id, now=now
    )


def may_see(case: Case, principal: Principal) -> bool:
    """Tell whether somebody may know of a case at all; who may not is told it does not exist."""
    if principal.role is Role.CITIZEN:
        return case.owner == principal.subject
    if principal.role is Role.PORTAL:
        return case.portal == principal.portal
    if principal.role is Role.OFFICER:
        return case.office != "" and case.office in principal.offices
    return True


def _give_back(case: Case, *, reason_code: str, request_id: str, now: datetime) -> Moved:
    if not REASON_CODE.match(reason_code):
        raise InvalidError("a return names a reason, such as NOT_COMPETENT", field="reason_code")
    freed = replace(
        case,
        service_id="",
        office="",
        channel=None,
        returned_by=(*case.returned_by, case.office),
    )
    return _move(
        freed,
        Happening.RETURNED,
        actor=Actor.OFFICER,
        reason_code=reason_code,
        request_id=request_id,
        now=now,
        previous_office=case.office,
    )


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


def _move(
    case: Case,
    happening: Happening,
    *,
    actor: Actor,
    request_id: str,
    now: datetime,
    reason_code: str = "",
    previous_office: str = "",
    decision: Decision | None = None,
) -> Moved:
    if case.state not in MOVES[happening]:
        raise NotPossibleNowError(f"a case that is {case.state} cannot become {happening}")
    moved = replace(
        case, state=State(happening), version=case.version + 1, update_time=now
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
    )
    return moved, step
