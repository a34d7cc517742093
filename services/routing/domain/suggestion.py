"""How an office's suggestion becomes a decision: by the same rules as a model's word."""

from dataclasses import dataclass, replace

from services.chassis.story import Actor, Outcome
from services.routing.domain.catalogue import (
    Catalogue,
    RegionRequiredError,
    Service,
    UnknownRegionError,
)
from services.routing.domain.policy import Policy
from services.routing.domain.values import Alternative, Classification, Decision, Facts, Reason


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a suggestion is held against."""

    seen: Classification
    facts: Facts
    catalogue: Catalogue
    policy: Policy


def located(facts: Facts, catalogue: Catalogue) -> Facts:
    """Return the facts with the region of the office that is suggested, if it has one."""
    return replace(facts, region=catalogue.region_of(facts.suggested_office) or facts.region)


def follow(decision: Decision, bounds: Bounds) -> Decision:
    """Return the decision that follows a suggestion, made from the model's, which it replaces.

    The policy's language switch and hop cap were applied before; here come the rules for a service.
    """
    found = _meant(bounds)
    if isinstance(found, Reason):
        return replace(decision, outcome=Outcome.TRIAGE, reason_code=found, office="", term_days=0)
    chosen = _by_office(decision, found, bounds.seen)
    region, catalogue = bounds.facts.region, bounds.catalogue
    if found.office(region) in bounds.facts.returned_by:
        return replace(chosen, reason_code=Reason.RETURNED_BY_OFFICE)
    if (obstacle := bounds.policy.halt_service(found.id)) is not None:
        return replace(chosen, reason_code=obstacle)
    try:
        office = catalogue.office(found, region)
    except (RegionRequiredError, UnknownRegionError) as error:
        # Its citizen is asked about this service alone: only the region is missing.
        offer = (Alternative(found.id, chosen.probability),)
        return replace(
            chosen, outcome=Outcome.CONFIRM, reason_code=error.reason, alternatives=offer
        )
    return replace(
        chosen,
        outcome=Outcome.ROUTE,
        reason_code=Reason.SUGGESTED,
        office=office,
        term_days=bounds.policy.term_of(found),
    )


def _meant(bounds: Bounds) -> Service | Reason:
    """Return the service that is meant: the one named, or the likeliest of the office named."""
    facts, catalogue = bounds.facts, bounds.catalogue
    if facts.suggested_service_id:
        named = catalogue.find(facts.suggested_service_id)
        return named or Reason.UNKNOWN_SERVICE
    own = {service.id: service for service in catalogue.of_office(facts.suggested_office)}
    if not own:
        return Reason.UNKNOWN_OFFICE
    likely = bounds.policy.thresholds_for(bounds.seen).confirm
    for candidate in bounds.seen.suggestions:
        if candidate.service_id in own and candidate.probability >= likely:
            return own[candidate.service_id]
    return Reason.OFFICE_SUGGESTED


def _by_office(decision: Decision, service: Service, seen: Classification) -> Decision:
    """Begin the office's decision: to a person, unless something better follows."""
    likelihoods = {one.service_id: one.probability for one in seen.suggestions}
    return replace(
        decision,
        outcome=Outcome.TRIAGE,
        actor=Actor.OFFICER,
        service_id=service.id,
        office="",
        term_days=0,
        channel=service.channel,
        probability=likelihoods.get(service.id, 0.0),
    )
