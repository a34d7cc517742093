"""People's choices: a citizen's among the services offered, a triage officer's among all."""

import re
from collections.abc import Callable

from services.chassis.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    VersionConflictError,
)
from services.routing import domain
from services.routing.domain import Case, Catalogue, Choice, Decision, NotPossibleNowError, Policy
from services.routing.ports import OneCase, Result, Status, Wanted

OWN_REQUESTS = "routing:"
"""How our own decisions are named; nobody else's may be, lest it pass for ours."""
NAMED = (Status.REPEATED, Status.NAME_REUSED)
"""What cases says of a name that stands already."""
REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")

Decide = Callable[[Case, Choice, Catalogue, Policy], Decision]


class RequestIdError(InvalidError):
    """A request id has 1 to 128 printable ASCII characters and does not begin with 'routing:'."""

    reason = "REQUEST_ID"


class UnknownCaseError(NotFoundError):
    """There is no such case."""

    reason = "CASE_NOT_FOUND"


def confirm(choice: Choice, *, cases: OneCase, catalogue: Catalogue, policy: Policy) -> Case:
    """Take a citizen's choice; a repetition gets the case as it is."""
    return _choose("confirm", choice, domain.confirm, cases, catalogue=catalogue, policy=policy)


def assign(choice: Choice, *, cases: OneCase, catalogue: Catalogue, policy: Policy) -> Case:
    """Take a triage officer's choice; a repetition gets the case as it is."""
    return _choose("assign", choice, domain.assign, cases, catalogue=catalogue, policy=policy)


def _choose(
    verb: str,
    choice: Choice,
    decide: Decide,
    cases: OneCase,
    *,
    catalogue: Catalogue,
    policy: Policy,
) -> Case:
    if not REQUEST_ID.fullmatch(choice.request_id) or choice.request_id.startswith(OWN_REQUESTS):
        raise RequestIdError(field="request_id")
    case = cases.get(choice.case_id)
    chosen = f"{verb} {choice.service_id}"
    try:
        decision = decide(case, choice, catalogue, policy)
    except (ConflictError, InvalidError):
        # The case has moved on; perhaps by this very request, whose answer was lost.
        known = cases.repeated(case.id, choice.request_id, chosen, choice.region)
        if known.status in NAMED:
            return _after(known)
        raise
    wanted = Wanted(
        case_id=case.id,
        expected_version=case.version,
        request_id=choice.request_id,
        decision=decision,
        region=choice.region,
        choice=chosen,
    )
    return _after(cases.record([wanted])[0])


def _after(result: Result) -> Case:
    """Return the case after the choice, or say why it was not taken."""
    if result.case is None:
        raise UnknownCaseError
    if result.status is Status.NAME_REUSED:
        raise IdempotencyKeyReusedError
    if result.status is Status.VERSION_CONFLICT:
        raise VersionConflictError(f"the case has version {result.case.version} now")
    if result.status is Status.STATE_CONFLICT:
        raise NotPossibleNowError
    return result.case
