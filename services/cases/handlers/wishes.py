"""What citizens wish for their own cases."""

from services.cases import domain
from services.cases.domain import Case, Words
from services.cases.handlers.record import only, visible
from services.cases.ports import Cases, Change, Clock
from services.chassis.principal import Principal


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
    change = Change(
        visible(principal, case_id, cases).id,
        expected_version,
        name,
        lambda case: domain.withdraw(case, request_id=name, now=now()),
    )
    return only(cases.apply([change]))


def provide(
    principal: Principal,
    case_id: str,
    words: Words,
    *,
    expected_version: int,
    request_id: str,
    cases: Cases,
    now: Clock,
) -> Case:
    """Take the citizen's answer to a question; a repetition gets the case as it is."""
    name = domain.name_request("provide", request_id)
    change = Change(
        visible(principal, case_id, cases).id,
        expected_version,
        name,
        lambda case: domain.provide(case, request_id=name, now=now()),
        words=words,
    )
    return only(cases.apply([change]))
