"""What the office that holds a case may answer."""

from dataclasses import replace
from datetime import datetime

from services.cases.domain.moves import (
    Moved,
    NotPossibleNowError,
    UnknownCaseError,
    may_answer,
    move,
)
from services.cases.domain.values import REASON_CODE, Answer, Case, Happening, Suggestion
from services.chassis.errors import InvalidError
from services.chassis.story import Actor, State

NOTHING = Suggestion()


def answer(
    case: Case,
    kind: Answer,
    *,
    office: str,
    reason_code: str,
    request_id: str,
    now: datetime,
    suggestion: Suggestion = NOTHING,
) -> Moved:
    """Apply an office's answer; only the office that holds the case may give one."""
    if not may_answer(case, office):
        raise UnknownCaseError
    if kind is Answer.RETURN:
        return _give_back(case, suggestion, reason_code, request_id, now)
    if kind is Answer.ASK:
        return _ask(case, reason_code, request_id, now)
    happening = Happening.ACCEPTED if kind is Answer.ACCEPT else Happening.COMPLETED
    if happening is Happening.COMPLETED and not _is_accepted(case):
        raise NotPossibleNowError("an office completes only what it accepted")
    return move(
        replace(case, resume_state=None),
        happening,
        actor=Actor.OFFICER,
        reason_code=reason_code,
        request_id=request_id,
        now=now,
    )


def _is_accepted(case: Case) -> bool:
    """Tell whether the office works on the case, also while it waits for its citizen."""
    return State.ACCEPTED in (case.state, case.resume_state)


def _ask(case: Case, reason_code: str, request_id: str, now: datetime) -> Moved:
    _check_code(reason_code, "a question names what it is about, such as DOCUMENT_MISSING")
    return move(
        replace(case, resume_state=case.state),
        Happening.INFORMATION_REQUESTED,
        actor=Actor.OFFICER,
        reason_code=reason_code,
        request_id=request_id,
        now=now,
    )


def _give_back(
    case: Case, suggestion: Suggestion, reason_code: str, request_id: str, now: datetime
) -> Moved:
    _check_code(reason_code, "a return names a reason, such as NOT_COMPETENT")
    if suggestion.office == case.office:
        raise InvalidError("an office does not suggest itself", field="suggested_office")
    freed = replace(
        case,
        service_id="",
        office="",
        channel=None,
        resume_state=None,
        returned_by=(*case.returned_by, case.office),
        suggested_service_id=suggestion.service_id,
        suggested_office=suggestion.office,
    )
    return move(
        freed,
        Happening.RETURNED,
        actor=Actor.OFFICER,
        reason_code=reason_code,
        request_id=request_id,
        now=now,
        previous_office=case.office,
    )


def _check_code(code: str, sentence: str) -> None:
    if not REASON_CODE.match(code):
        raise InvalidError(sentence, field="reason_code")
