"""The end of a case's words."""

from services.cases import domain
from services.cases.domain import Case, Happening, UnknownCaseError
from services.cases.handlers.record import only
from services.cases.ports import Cases, Change, Clock, History, Vault
from services.chassis.errors import VersionConflictError


def erase(
    case_id: str,
    *,
    expected_version: int,
    request_id: str,
    cases: Cases,
    history: History,
    vault: Vault,
    now: Clock,
) -> Case:
    """Destroy the words of a case for ever, and tell the world; a repetition gets the case."""
    name = domain.name_request("erase", request_id)
    case = cases.get([case_id]).get(case_id)
    if case is None:
        raise UnknownCaseError
    if any(step.type is Happening.ERASED for step in history.steps(case_id)):
        return case
    if expected_version not in (0, case.version):
        raise VersionConflictError(f"the case has version {case.version} now")
    # Words first: if we stop here, they are gone, and whoever asks again has it told.
    vault.erase(case_id)
    change = Change(
        case_id, 0, name, lambda current: domain.erase(current, request_id=name, now=now())
    )
    return only(cases.apply([change]))
