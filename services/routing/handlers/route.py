"""Cases that wait for a decision, many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.errors import (
    RETRYABLE,
    ConflictError,
    ForbiddenError,
    InternalError,
    InvalidError,
    UnauthenticatedError,
    UnavailableError,
)
from services.routing import domain
from services.routing.domain import Case, Catalogue, Classification, Decision, Policy, Reason, State
from services.routing.handlers.choose import OWN_REQUESTS, UnknownCaseError
from services.routing.ports import CaseBatches, Classify, Clock, Result, Status, Waiting, Wanted

UNDECIDED = frozenset({State.SUBMITTED, State.RETURNED})
AWAY = (*RETRYABLE, UnauthenticatedError, ForbiddenError)
"""Errors after which the classifier may yet answer, if only once an operator has seen to it."""


class ModelAwayError(UnavailableError):
    """The classifier is away, and there are cases that wait for it."""

    reason = "MODEL_UNAVAILABLE"


class MovedMeanwhileError(UnavailableError):
    """Something happened to a case while it was decided upon, and it waits still."""

    reason = "CASE_MOVED"


@dataclass(frozen=True, slots=True)
class Asked:
    """A case that waits for a decision, as an event told it."""

    case_id: str
    case_version: int
    event_time: datetime
    wants_person: bool = False
    """Whether its citizen asked for a person, so that no model is."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides: the model, the register and the policy, and how long the model may be away."""

    classify: Classify
    alert: Classify
    """Classifies, and tells whether somebody is in danger, too."""
    catalogue: Catalogue
    policy: Policy
    patience: timedelta


def route(asked: Sequence[Asked], *, rules: Rules, cases: CaseBatches, now: Clock) -> None:
    """Decide on many cases at once; those that somebody decided already are left alone.

    What a citizen chose before they sent a case is their answer where they would be asked.

    Raises ModelAwayError while the classifier is away and some case may still wait
    for it, MovedMeanwhileError where a case must be read anew, and UnknownCaseError where one
    does not exist, after the others are done.
    """
    newest = _newest(asked)
    found = cases.waiting(list(newest))
    waiting = [case for case in found if _is_open(case, newest[case.case_id])]
    asking = [case for case in waiting if newest[case.case_id].wants_person]
    _record(_unseen(asking, Reason.ASKED_FOR_PERSON, rules), cases)
    open_ = [case for case in waiting if not newest[case.case_id].wants_person]
    # Where we stopped after we asked, and before we took what was chosen.
    asked_before = [_asked(case, cases) for case in found if _is_asked(case)]
    _take_chosen(asked_before, found, rules, cases)
    try:
        decided = _judge(open_, rules)
    except AWAY as error:
        overdue = now() - rules.patience
        late = [case for case in open_ if newest[case.case_id].event_time <= overdue]
        _record(_unseen(late, Reason.MODEL_UNAVAILABLE, rules), cases)
        if len(late) < len(open_):
            raise ModelAwayError from error
    else:
        _take_chosen(_record(decided, cases), found, rules, cases)
    if len(found) < len(newest):
        raise UnknownCaseError


def _newest(asked: Sequence[Asked]) -> Mapping[str, Asked]:
    """Return what was asked last of each case."""
    return {one.case_id: one for one in sorted(asked, key=lambda one: one.case_version)}


def _is_open(case: Waiting, asked: Asked) -> bool:
    """Tell whether the case waits still, be it that a clock rang meanwhile, and has words."""
    waits = case.case_version >= asked.case_version and case.state in UNDECIDED
    return waits and case.text.strip() != ""


def _is_asked(case: Waiting) -> bool:
    """Tell whether a citizen is asked for what they chose before."""
    return case.state is State.CONFIRMATION_REQUESTED and case.facts.chosen_service_id != ""


def _asked(case: Waiting, cases: CaseBatches) -> Result:
    """Return the decision by which a citizen was asked, with the case as it is now."""
    return cases.repeated(case.case_id, f"{OWN_REQUESTS}{case.case_version - 1}", "", "")


def _judge(cases: Sequence[Waiting], rules: Rules) -> Sequence[Wanted]:
    """Decide on every case by the model, or by none where no model may decide."""
    if not cases:
        return []
    if rules.policy.off.everything:
        return _unseen(cases, Reason.OFF_SWITCH, rules)
    try:
        seen = _seen(cases, rules)
    except (InvalidError, InternalError):
        # The model chokes on a text. Alone it goes to a person; among others it must be found.
        if len(cases) > 1:
            raise
        return _unseen(cases, Reason.MODEL_UNAVAILABLE, rules)
    return [
        _own(
            case,
            domain.decide(one, case.facts, rules.catalogue, rules.policy),
            rules.catalogue.region_of(case.suggested_office),
        )
        for case, one in zip(cases, seen, strict=True)
    ]


def _seen(cases: Sequence[Waiting], rules: Rules) -> Sequence[Classification]:
    """Ask the model about every case; of those that are drawn it also says who is in danger."""
    told: dict[str, Classification] = {}
    for ask, is_drawn in ((rules.classify, False), (rules.alert, True)):
        asked = [case for case in cases if _is_drawn(case, rules) is is_drawn]
        seen = ask([case.text for case in asked]) if asked else ()
        told |= {case.case_id: one for case, one in zip(asked, seen, strict=True)}
    return [told[case.case_id] for case in cases]


def _is_drawn(case: Waiting, rules: Rules) -> bool:
    return domain.is_drawn(case.facts.undecided_id, rules.policy)


def _unseen(cases: Sequence[Waiting], reason: Reason, rules: Rules) -> Sequence[Wanted]:
    decision = domain.decide_unseen(reason, rules.catalogue, rules.policy)
    return [_own(case, decision) for case in cases]


def _own(case: Waiting, decision: Decision, region: str = "") -> Wanted:
    """Name the decision ours; it takes the case to another region where an office said so."""
    goes_there = region != "" and decision.office.endswith(f"-{region}")
    return Wanted(
        case_id=case.case_id,
        expected_version=case.case_version,
        request_id=f"{OWN_REQUESTS}{case.case_version}",
        decision=decision,
        region=region if goes_there else "",
    )


def _record(wanted: Sequence[Wanted], cases: CaseBatches) -> Sequence[Result]:
    """Record decisions; where somebody else was first, theirs stands and that is fine.

    A clock that rang in between decided nothing, so whoever passed over it would leave the case to
    wait for ever.
    """
    results = cases.record(wanted) if wanted else ()
    if any(_waits_still(result) for result in results):
        raise MovedMeanwhileError
    if any(result.status is Status.NOT_FOUND for result in results):
        raise UnknownCaseError
    return results


def _waits_still(result: Result) -> bool:
    is_late = result.status is Status.VERSION_CONFLICT
    return is_late and result.case is not None and result.case.state in UNDECIDED


def _take_chosen(
    decided: Sequence[Result], found: Sequence[Waiting], rules: Rules, cases: CaseBatches
) -> None:
    """Answer for citizens who are asked now and had chosen before they sent their cases."""
    chosen = {case.case_id: case.facts.chosen_service_id for case in found}
    answers = [
        _answer(one.case, service_id, rules)
        for one in decided
        if (service_id := chosen[one.case_id])
        and one.case
        and one.case.state is State.CONFIRMATION_REQUESTED
    ]
    _record([one for one in answers if one], cases)


def _answer(case: Case, service_id: str, rules: Rules) -> Wanted | None:
    try:
        decision = domain.confirm_chosen(case, service_id, rules.catalogue, rules.policy)
    except (ConflictError, InvalidError):
        return None  # their region is wanting: they are asked for it
    return Wanted(
        case_id=case.id,
        expected_version=case.version,
        request_id=f"{OWN_REQUESTS}{case.version}",
        decision=decision,
        choice=f"confirm {decision.service_id}",
    )
