"""Cases as they come in, are looked at, and are decided upon or answered by offices."""

from collections.abc import Sequence
from datetime import datetime

from services.cases import domain
from services.cases.domain import (
    Answer,
    Case,
    State,
    Step,
    Suggestion,
    UnknownCaseError,
    Words,
)
from services.cases.handlers.pages import (
    due_and_id_of,
    due_token_of,
    id_of,
    page_size_of,
    token_of,
)
from services.cases.ports import (
    Cases,
    Change,
    Clock,
    Filter,
    History,
    Order,
    Result,
    Status,
    Submission,
)
from services.chassis.errors import (
    IdempotencyKeyReusedError,
    InvalidError,
    VersionConflictError,
)
from services.chassis.principal import Principal

MAX_BATCH = 500


def submit(
    principal: Principal,
    request_id: str,
    words: Words,
    *,
    language: str | None,
    region: str,
    wish: str = "",
    ask_person: bool = False,
    service_id: str = "",
    cases: Cases,
) -> Case:
    """Accept a request and return its receipt; the same request id gets the first one."""
    domain.check_request_id(request_id)
    domain.check_region(region)
    domain.check_choice(service_id, ask_person=ask_person)
    accepted = cases.add(
        Submission(
            request_id=request_id,
            words=words,
            portal=principal.portal,
            owner=principal.subject,
            language=language,
            region=region,
            wish=Words(text=wish) if wish.strip() else None,
            ask_person=ask_person,
            service_id=service_id,
        )
    )
    return domain.first_answer(accepted)


def get(
    principal: Principal, case_id: str, *, cases: Cases, history: History
) -> tuple[Case, Sequence[Step]]:
    """Return a case with its steps to somebody who may see it."""
    case = visible(principal, case_id, cases)
    return case, history.steps(case.id)


def list_cases(
    principal: Principal,
    *,
    page_size: int,
    page_token: str,
    state: State | None,
    office: str,
    number: str = "",
    service_id: str = "",
    due_before: datetime | None = None,
    order: Order = Order.NEWEST,
    cases: Cases,
) -> tuple[Sequence[Case], str]:
    """Return a page of the cases somebody may see, in an order, and the next page's token."""
    if principal.is_anonymous:
        # Nobody in particular owns these; their ids are the only key to them.
        return [], ""
    if number and not domain.is_receipt_number(number):
        raise InvalidError("this is no number of a receipt; check its digits", field="number")
    size = page_size_of(page_size)
    due = order is Order.DUE
    due_after, before = due_and_id_of(page_token) if due else (None, id_of(page_token))
    wanted = Filter(
        principal=principal,
        state=state,
        office=office,
        before=before,
        limit=size + 1,
        number=number,
        service_id=service_id,
        due_before=due_before,
        order=order,
        due_after=due_after,
    )
    found = cases.list(wanted)
    if len(found) <= size:
        return found, ""
    last = found[size - 1]
    return found[:size], due_token_of(last) if due else token_of(last.id)


def record_answer(
    case_id: str,
    kind: Answer,
    *,
    expected_version: int,
    request_id: str,
    office: str,
    reason_code: str,
    text: str,
    suggestion: Suggestion,
    cases: Cases,
    now: Clock,
) -> Case:
    """Record what the office that holds a case answered; a repetition gets the first answer.

    Also when the office has lost the case meanwhile, and nothing of what became of it since.
    """
    name = domain.name_request(f"{kind}:{office}", request_id)
    change = Change(
        case_id,
        expected_version,
        name,
        lambda case: domain.answer(
            case,
            kind,
            office=office,
            reason_code=reason_code,
            request_id=name,
            now=now(),
            suggestion=suggestion,
        ),
        # The name holds the office: whoever repeats it held the case then.
        lambda case, again: again or domain.may_answer(case, office),
        Words(text=text) if kind is Answer.ASK or _tells_end(kind, text) else None,
        terms=(reason_code, suggestion.service_id, suggestion.office),
        keeps_answer=True,
    )
    return only(cases.apply([change]))


def _tells_end(kind: Answer, text: str) -> bool:
    return kind is Answer.COMPLETE and text != ""


def visible(principal: Principal, case_id: str, cases: Cases) -> Case:
    """Return a case to somebody who may see it."""
    case = cases.get([case_id]).get(case_id)
    if case is None or not domain.may_see(case, principal):
        raise UnknownCaseError
    return case


def only(results: Sequence[Result]) -> Case:
    """Return the case after the one change that was wanted, or say why it was refused."""
    result = results[0]
    if result.case is None:
        raise UnknownCaseError
    if result.status is Status.VERSION_CONFLICT:
        raise VersionConflictError(f"the case has version {result.case.version} now")
    if result.status is Status.NAME_REUSED:
        raise IdempotencyKeyReusedError
    if result.status is Status.STATE_CONFLICT:
        raise domain.NotPossibleNowError(result.message, reason=result.reason)
    return result.case


def check_batch(case_ids: Sequence[str]) -> None:
    """Refuse a batch that is too large or names a case twice."""
    if len(case_ids) > MAX_BATCH:
        raise InvalidError(f"at most {MAX_BATCH} cases at once")
    if len(set(case_ids)) < len(case_ids):
        raise InvalidError("a case is named twice")
