"""Parts of requests that belong elsewhere."""

from services.cases import domain
from services.cases.domain import Case, Suggestion, UnknownCaseError, Words
from services.cases.handlers.record import only, visible
from services.cases.ports import Cases, Change, Clock, History, Part, Vault
from services.chassis.errors import ConflictError, ForbiddenError, InternalError
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
    history: History,
    vault: Vault,
    now: Clock,
) -> tuple[Case, Case]:
    """Split a part off; a repetition gets both cases as they were then."""
    _check_office(principal, office)
    name = domain.name_request(f"split:{office}", request_id)
    case = _known(principal, case_id, name, cases, history)
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
        keeps_answer=True,
    )
    results = cases.apply([change])
    parent, child = only(results), results[0].child
    if child is None:
        raise InternalError("a split without its part")
    return parent, child


def _known(principal: Principal, case_id: str, name: str, cases: Cases, history: History) -> Case:
    """Return a case to somebody who may see it, or who says again what was said by this name.

    The name holds the office: whoever repeats it held the case then.
    """
    try:
        return visible(principal, case_id, cases)
    except UnknownCaseError:
        if any(step.request_id == name for step in history.steps(case_id)):
            return cases.get([case_id])[case_id]
        raise


def _check_office(principal: Principal, office: str) -> None:
    """Let an officer speak for an office of theirs, and a triage officer for none."""
    if principal.role is Role.TRIAGE_OFFICER:
        if office:
            raise ForbiddenError("a triage officer speaks for no office")
    elif not office or office not in principal.offices:
        raise UnknownCaseError
