"""What cases does: one function per call that reaches it."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.cases import domain
from services.cases.domain import (
    MAX_TEXT_CHARACTERS,
    Answer,
    Case,
    Decision,
    Reading,
    State,
    Step,
    UnknownCaseError,
    Words,
)
from services.cases.ports import (
    Cases,
    Change,
    Clock,
    Filter,
    History,
    Mask,
    ReadingFilter,
    Readings,
    Result,
    Status,
    Submission,
    Vault,
)
from services.chassis.errors import InvalidError, NotFoundError, VersionConflictError
from services.chassis.principal import Principal

MAX_BATCH = 500
DEFAULT_PAGE = 50
MAX_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A decision somebody brings for a case."""

    case_id: str
    expected_version: int
    request_id: str
    decision: Decision
    region: str = ""


@dataclass(frozen=True, slots=True)
class Masked:
    """A case and its words without personal data; no words where they were erased."""

    case: Case
    text: str


def submit(
    principal: Principal,
    request_id: str,
    words: Words,
    *,
    language: str | None,
    region: str,
    cases: Cases,
) -> Case:
    """Accept a request and return its receipt; the same request id gets the first one."""
    domain.check_request_id(request_id)
    domain.check_region(region)
    accepted = cases.add(
        Submission(
            request_id=request_id,
            words=words,
            portal=principal.portal,
            owner=principal.subject,
            language=language,
            region=region,
        )
    )
    return domain.first_answer(accepted)


def get(
    principal: Principal, case_id: str, *, cases: Cases, history: History
) -> tuple[Case, Sequence[Step]]:
    """Return a case with its steps to somebody who may see it."""
    case = _visible(principal, case_id, cases)
    return case, history.steps(case.id)


def list_cases(
    principal: Principal,
    *,
    page_size: int,
    page_token: str,
    state: State | None,
    office: str,
    number: str = "",
    cases: Cases,
) -> tuple[Sequence[Case], str]:
    """Return a page of the cases somebody may see, newest first, and the next page's token."""
    if principal.is_anonymous:
        # Nobody in particular owns these; their ids are the only key to them.
        return [], ""
    if number and not domain.is_receipt_number(number):
        raise InvalidError("this is no number of a receipt; check its digits", field="number")
    size = _page_size(page_size)
    before = _token_to_id(page_token)
    found = cases.list(Filter(principal, state, office, before, size + 1, number))
    token = _id_to_token(found[size - 1].id) if len(found) > size else ""
    return found[:size], token


def read_text(
    principal: Principal, case_id: str, *, cases: Cases, history: History, vault: Vault
) -> Words:
    """Return the citizen's words to somebody who may read them, and record that they did."""
    case = _visible(principal, case_id, cases)
    history.record_access(case.id, principal)
    words = vault.words([case.id]).get(case.id)
    if words is None:
        raise NotFoundError("the words of this case were erased", reason="WORDS_ERASED")
    return words


def list_readings(
    *, page_size: int, page_token: str, case_id: str, subject: str, readings: Readings
) -> tuple[Sequence[Reading], str]:
    """Return a page of who read citizens' words, newest first, and the next page's token."""
    size = _page_size(page_size)
    before = _token_to_id(page_token)
    found = readings.readings(ReadingFilter(case_id, subject, before, size + 1))
    token = _id_to_token(found[size - 1].id) if len(found) > size else ""
    return found[:size], token


def masked_texts(
    principal: Principal, case_ids: Sequence[str], *, cases: Cases, vault: Vault, mask: Mask
) -> Sequence[Masked]:
    """Return those of the cases that the caller may see with their words masked, in their order."""
    _check_batch(case_ids)
    known = cases.get(case_ids)
    found = {id_: case for id_, case in known.items() if domain.may_see(case, principal)}
    words = vault.words(case_ids)
    # A mark may be longer than what it replaces; who sorts is promised at most so many characters.
    return [
        Masked(found[id_], mask(words[id_].text)[:MAX_TEXT_CHARACTERS] if id_ in words else "")
        for id_ in case_ids
        if id_ in found
    ]


def record_decisions(wanted: Sequence[Wanted], *, cases: Cases, now: Clock) -> Sequence[Result]:
    """Record many decisions; each stands or falls by itself."""
    _check_batch([one.case_id for one in wanted])
    return cases.apply([_change(one, now) for one in wanted])


def record_answer(
    case_id: str,
    kind: Answer,
    *,
    expected_version: int,
    request_id: str,
    office: str,
    reason_code: str,
    cases: Cases,
    now: Clock,
) -> Case:
    """Record what the office that holds a case answered; a repetition gets the case as it is."""
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
        ),
        lambda case, again: domain.may_answer(case, office, again=again),
    )
    return _only(cases.apply([change]))


def withdraw(
    principal: Principal,
    case_id: str,
    *,
    expected_version: int,
    request_id: str,
    cases: Cases,
    now: Clock,
) -> Case:
    """End a case at its citizen's wish; a repetition gets the case as it is."""
    name = domain.name_request("withdraw", request_id)
    case = _visible(principal, case_id, cases)
    change = Change(
        case.id,
        expected_version,
        name,
        lambda current: domain.withdraw(current, request_id=name, now=now()),
    )
    return _only(cases.apply([change]))


def _change(wanted: Wanted, now: Clock) -> Change:
    name = domain.name_request("decide", wanted.request_id)
    domain.check_region(wanted.region)
    return Change(
        wanted.case_id,
        wanted.expected_version,
        name,
        lambda case: domain.decide(
            case,
            wanted.decision,
            region=wanted.region,
            request_id=name,
            now=now(),
        ),
    )


def _visible(principal: Principal, case_id: str, cases: Cases) -> Case:
    case = cases.get([case_id]).get(case_id)
    if case is None or not domain.may_see(case, principal):
        raise UnknownCaseError
    return case


def _only(results: Sequence[Result]) -> Case:
    result = results[0]
    if result.case is None:
        raise UnknownCaseError
    if result.status is Status.VERSION_CONFLICT:
        raise VersionConflictError(f"the case has version {result.case.version} now")
    if result.status is Status.STATE_CONFLICT:
        raise domain.NotPossibleNowError(result.message, reason=result.reason)
    return result.case


def _page_size(wanted: int) -> int:
    if not 0 <= wanted <= MAX_PAGE:
        raise InvalidError(f"a page has 1 to {MAX_PAGE} entries", field="page_size")
    return wanted or DEFAULT_PAGE


def _check_batch(case_ids: Sequence[str]) -> None:
    if len(case_ids) > MAX_BATCH:
        raise InvalidError(f"at most {MAX_BATCH} cases at once")
    if len(set(case_ids)) < len(case_ids):
        raise InvalidError("a case is named twice")


def _id_to_token(case_id: str) -> str:
    return base64.urlsafe_b64encode(UUID(case_id).bytes).decode().rstrip("=")


def _token_to_id(token: str) -> str:
    if not token:
        return ""
    try:
        return str(UUID(bytes=base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))
    except (ValueError, binascii.Error) as error:
        raise InvalidError("the page token is not one of ours", field="page_token") from error
