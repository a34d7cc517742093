"""How people decide: a citizen among the services offered, a triage officer among all.

A citizen may have chosen before they sent the case: that is their answer where they would be asked.
"""

from dataclasses import replace

from services.chassis.errors import ConflictError, InvalidError, VersionConflictError
from services.chassis.story import Actor, Outcome, State
from services.routing.domain.catalogue import Catalogue, Service
from services.routing.domain.policy import Policy
from services.routing.domain.values import (
    Case,
    Choice,
    Decision,
    Facts,
    Reason,
)

ASSIGNABLE = frozenset({State.TRIAGED, State.CONFIRMATION_REQUESTED, State.RETURNED})
"""The states in which a triage officer may choose."""


class NotPossibleNowError(ConflictError):
    """The state of the case does not allow this choice."""


class NotOfferedError(InvalidError):
    """This service was not offered for this case."""

    reason = "NOT_OFFERED"


class ReturnedByOfficeError(ConflictError):
    """The office of this service has returned the case already."""

    reason = "RETURNED_BY_OFFICE"


def confirm(case: Case, choice: Choice, catalogue: Catalogue, policy: Policy) -> Decision:
    """Decide by the citizen's choice among the services offered, or their wish for a person."""
    _check_version(case, choice)
    if case.state is not State.CONFIRMATION_REQUESTED:
        raise NotPossibleNowError
    catalogue.check_region(choice.region)
    asked = _by_person(case, Actor.CITIZEN, choice, catalogue, policy)
    if not choice.service_id:
        return replace(asked, reason_code=Reason.ASKED_FOR_PERSON)
    if choice.service_id not in {offer.service_id for offer in asked.alternatives}:
        raise NotOfferedError(field="service_id")
    asked = replace(asked, service_id=choice.service_id)
    service = catalogue.find(choice.service_id)
    if service is None:  # it left the register since the offer
        return replace(asked, reason_code=Reason.UNKNOWN_SERVICE)
    asked = replace(asked, service_id=service.id, channel=service.channel)
    if (obstacle := _obstacle(service, case, policy.on(catalogue))) is not None:
        return replace(asked, reason_code=obstacle)
    office = catalogue.office(service, choice.region or case.region)
    if office in case.returned_by:
        return replace(asked, reason_code=Reason.RETURNED_BY_OFFICE)
    return _to_office(asked, office, policy.term_of(service), Reason.CONFIRMED)


def confirm_chosen(case: Case, service_id: str, catalogue: Catalogue, policy: Policy) -> Decision:
    """Decide by what the citizen chose before; where that is not offered, a person chooses."""
    service = catalogue.find(service_id)
    offered = {one.service_id for one in case.decision.alternatives} if case.decision else set()
    meant = service.id if service and service.id in offered else ""
    return confirm(case, Choice(service_id=meant), catalogue, policy)


def heeding(decision: Decision, facts: Facts, catalogue: Catalogue) -> Decision:
    """Return a model's decision, left to a person where its citizen had chosen another service."""
    if not facts.chosen_service_id or decision.outcome is not Outcome.ROUTE:
        return decision
    chosen = catalogue.find(facts.chosen_service_id)
    if chosen and chosen.id == decision.service_id:
        return decision
    return replace(
        decision,
        outcome=Outcome.TRIAGE,
        reason_code=Reason.CITIZEN_CHOSE_ANOTHER,
        office="",
        term_days=0,
    )


def assign(case: Case, choice: Choice, catalogue: Catalogue, policy: Policy) -> Decision:
    """Decide by a triage officer's choice among all services, or their word that none fits."""
    _check_version(case, choice)
    if case.state not in ASSIGNABLE:
        raise NotPossibleNowError
    catalogue.check_region(choice.region)
    chosen = _by_person(case, Actor.TRIAGE_OFFICER, choice, catalogue, policy)
    if not choice.service_id:
        return replace(chosen, outcome=Outcome.OUT_OF_SCOPE, reason_code=Reason.OUT_OF_SCOPE)
    service = catalogue.service(choice.service_id)
    office = catalogue.office(service, choice.region or case.region)
    if office in case.returned_by:
        raise ReturnedByOfficeError
    chosen = replace(chosen, service_id=service.id, channel=service.channel)
    return _to_office(chosen, office, policy.term_of(service), Reason.ASSIGNED)


def _obstacle(service: Service, case: Case, policy: Policy) -> Reason | None:
    """Return why a citizen's choice goes to a person first, if it does."""
    language = case.decision.language if case.decision else None
    if policy.halts(language):
        return Reason.OFF_SWITCH
    if len(case.returned_by) >= policy.hop_cap:
        return Reason.HOP_CAP
    return policy.halt_service(service.id)


def _by_person(
    case: Case, actor: Actor, choice: Choice, catalogue: Catalogue, policy: Policy
) -> Decision:
    """Begin a person's decision: to triage, with what the case's last one offered."""
    last = case.decision
    return Decision(
        outcome=Outcome.TRIAGE,
        actor=actor,
        reason_code="",
        alternatives=last.alternatives if last else (),
        language=last.language if last else None,
        catalogue_version=catalogue.version,
        policy_version=policy.version,
        subject=choice.subject,
    )


def _to_office(decision: Decision, office: str, term_days: int, reason: Reason) -> Decision:
    return replace(
        decision, outcome=Outcome.ROUTE, office=office, term_days=term_days, reason_code=reason
    )


def _check_version(case: Case, choice: Choice) -> None:
    if choice.expected_version not in (0, case.version):
        raise VersionConflictError(f"the case has version {case.version} now")
