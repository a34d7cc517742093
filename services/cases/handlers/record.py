"""Cases as they come in, are looked at, and are decided upon or answered by offices."""

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
    CaseMessage,
    Decision,
    State,
    Step,
    Suggestion,
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
    Result,
    Status,
    Submission,
    Vault,
)
from services.chassis.errors import (
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    VersionConflictError,
)
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
    case = visible(principal, case_id, cases)
    return case, history.steps(case.id)


def list_cases(
    principal: Principal,
    *,
    page_size: int,
    page_token: str,
    state: State | None,
    office: str,
    cases: Cases,
) -> tuple[Sequence[Case], str]:
    """Return a page of the cases somebody may see, newest first, and the next page's token."""
    if principal.is_anonymous:
        # Nobody in particular owns these; their ids are the only key to them.
        return [], ""
    if not 0 <= page_size <= MAX_PAGE:
        raise InvalidError(f"a page has 1 to {MAX_PAGE} cases", field="page_size")
    size = page_size or DEFAULT_PAGE
    before = _token_to_id(page_token)
    found = cases.list(Filter(principal, state, office, before, size + 1))
    token = _id_to_token(found[size - 1].id) if len(found) > size else ""
    return found[:size], token


def read_text(
    principal: Principal, case_id: str, *, cases: Cases, history: History, vault: Vault
) -> tuple[Words, Sequence[CaseMessage]]:
    """Return what was said on a case to somebody who may read it, and record that they did."""
    case = visible(principal, case_id, cases)
    history.record_access(case.id, principal)
    words = vault.words([case.id]).get(case.id)
    if words is None:
        raise NotFoundError("the words of this case were erased", reason="WORDS_ERASED")
    return words, vault.messages(case.id)


def masked_texts(
    case_ids: Sequence[str], *, cases: Cases, vault: Vault, mask: Mask
) -> Sequence[Masked]:
    """Return the known ones of the cases with their words masked, in the order asked."""
    check_batch(case_ids)
    found = cases.get(case_ids)
    words = vault.words(case_ids)
    # A mark may be longer than what it replaces; who sorts is promised at most so many characters.
    return [
        Masked(found[id_], mask(words[id_].text)[:MAX_TEXT_CHARACTERS] if id_ in words else "")
        for id_ in case_ids
        if id_ in found
    ]


def record_decisions(wanted: Sequence[Wanted], *, cases: Cases, now: Clock) -> Sequence[Result]:
    """Record many decisions; each stands or falls by itself."""
    check_batch([one.case_id for one in wanted])
    return cases.apply([_change(one, now) for one in wanted])


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
            suggestion=suggestion,
        ),
        lambda case, again: domain.may_answer(case, office, again=again),
        Words(text=text) if kind is Answer.ASK else None,
    )
    return only(cases.apply([change]))


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


def _id_to_token(case_id: str) -> str:
    return base64.urlsafe_b64encode(UUID(case_id).bytes).decode().rstrip("=")


def _token_to_id(token: str) -> str:
    if not token:
        return ""
    try:
        return str(UUID(bytes=base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))
    except (ValueError, binascii.Error) as error:
        raise InvalidError("the page token is not one of ours", field="page_token") from error
