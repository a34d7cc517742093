"""Parts of requests that belong elsewhere."""

from services.cases import domain
from services.cases.domain import Case, Suggestion, UnknownCaseError, Words
from services.cases.handlers.record import only, visible
from services.cases.ports import Cases, Change, Clock, Part, Vault
from services.chassis.errors import ConflictError, ForbiddenError
from services.chassis.principal import Principal, Role


def split(
    principal: Principal,
    case_id: str,
    text: str,
    *,
    office: str,
    suggestion: Suggestion,
    expected_version: int,
    request_id: str,
    cases: Cases,
    vault: Vault,
    now: Clock,
) -> tuple[Case, Case]:
    """Split a part off; a repetition gets both cases as they are."""
    _check_office(principal, office)
    name = domain.name_request(f"split:{office}", request_id)
    case = visible(principal, case_id, cases)
    opened = vault.open([case.id]).get(case.id)
    if opened is None:
        raise ConflictError("the words of this case were erased", reason="WORDS_ERASED")
    part = Part(cases.new_id(), suggestion)
    change = Change(
        case.id,
        expected_version,
        name,
        lambda current: domain.split(
            current, office=office, child_id=part.id, request_id=name, now=now()
        ),
        # Answers go where the citizen wanted them from the beginning.
        words=Words(text=text, contact=opened.words.contact),
        terms=(suggestion.service_id, suggestion.office),
        part=part,
    )
    results = cases.apply([change])
    child_id = results[0].child_id
    return only(results), cases.get([child_id])[child_id]


def _check_office(principal: Principal, office: str) -> None:
    """Let an officer speak for an office of theirs, and a triage officer for none."""
    if principal.role is Role.TRIAGE_OFFICER:
        if office:
            raise ForbiddenError("a triage officer speaks for no office")
    elif not office or office not in principal.offices:
        raise UnknownCaseError
