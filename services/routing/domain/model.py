"""How a model's word becomes a decision, under the policy and the register in force."""

from dataclasses import dataclass

from services.chassis.story import Actor, Outcome
from services.routing.domain import people, sample, suggestion
from services.routing.domain.catalogue import (
    Catalogue,
    RegionRequiredError,
    Service,
    UnknownRegionError,
)
from services.routing.domain.policy import MOST_OFFERS, Policy, Thresholds
from services.routing.domain.values import (
    Alternative,
    Classification,
    Decision,
    Facts,
    Reason,
)

Verdict = tuple[Outcome, Reason]


@dataclass(frozen=True, slots=True)
class _Matter:
    """What is to be decided, and by which rules."""

    seen: Classification
    facts: Facts
    catalogue: Catalogue
    policy: Policy

    @property
    def thresholds(self) -> Thresholds:
        """Return the thresholds in force."""
        return self.policy.thresholds_for(self.seen)

    def known(self) -> tuple[Alternative, ...]:
        """Return the candidates that are in the register."""
        services = self.catalogue.services
        return tuple(one for one in self.seen.suggestions if one.service_id in services)

    def allowed(self) -> tuple[Alternative, ...]:
        """Return the candidates whose office has not returned the case."""
        return tuple(one for one in self.known() if not self._was_returned(one))

    def chance(self, allowed: tuple[Alternative, ...]) -> float:
        """Return how likely the citizen's service is among the offers, given it is none returned.

        Each probability is of one service for the text; an office's return rules its own out.
        """
        offered = sum(one.probability for one in allowed[: self.policy.offers])
        ruled_out = sum(one.probability for one in self.known() if one not in allowed)
        return offered / max(1 - ruled_out, offered) if offered else 0.0

    def _was_returned(self, candidate: Alternative) -> bool:
        service = self.catalogue.service(candidate.service_id)
        return service.office(self.facts.region) in self.facts.returned_by


def decide(seen: Classification, facts: Facts, catalogue: Catalogue, policy: Policy) -> Decision:
    """Decide by what the model says of the text, and by what an office suggested, if one did."""
    facts = suggestion.located(facts, catalogue)
    seen, policy = catalogue.read(seen), policy.on(catalogue)
    matter = _Matter(seen, facts, catalogue, policy)
    halted = _halted(matter)
    own = _by_model(matter, halted)
    if halted or not (facts.suggested_service_id or facts.suggested_office):
        return sample.sampled(people.heeding(own, facts, catalogue), seen, facts, policy)
    return suggestion.follow(own, suggestion.Bounds(seen, facts, catalogue, policy))


def _by_model(matter: _Matter, halted: Verdict | None) -> Decision:
    seen, facts, catalogue, policy = matter.seen, matter.facts, matter.catalogue, matter.policy
    allowed = matter.allowed()
    outcome, reason = halted or _out_of_scope(matter) or _chosen(matter, allowed)
    best = allowed[0] if allowed else Alternative("")
    service = catalogue.services.get(best.service_id)
    routes = service is not None and outcome is Outcome.ROUTE
    asks = outcome is Outcome.CONFIRM
    return Decision(
        outcome=outcome,
        actor=Actor.MODEL,
        reason_code=reason,
        service_id=best.service_id,
        office=service.office(facts.region) if service and routes else "",
        channel=service.channel if service else None,
        probability=best.probability,
        alternatives=allowed[: policy.offers] if asks else matter.known()[:MOST_OFFERS],
        model=seen.model,
        catalogue_version=catalogue.version,
        policy_version=policy.version,
        language=seen.language,
        route_threshold=matter.thresholds.route,
        confirm_threshold=matter.thresholds.confirm,
        term_days=policy.term_of(service) if service and routes else 0,
        explanation=seen.explanation,
        text_length=seen.text_length,
        unknown_share=seen.unknown_share,
    )


def decide_unseen(reason: Reason, catalogue: Catalogue, policy: Policy) -> Decision:
    """Hand a case to people that no model has seen."""
    return Decision(
        outcome=Outcome.TRIAGE,
        actor=Actor.SYSTEM,
        reason_code=reason,
        catalogue_version=catalogue.version,
        policy_version=policy.version,
    )


def _halted(matter: _Matter) -> Verdict | None:
    """Apply the rules that no candidate can change."""
    if matter.policy.halts(matter.seen.language):
        return Outcome.TRIAGE, Reason.OFF_SWITCH
    if len(matter.facts.returned_by) >= matter.policy.hop_cap:
        return Outcome.TRIAGE, Reason.HOP_CAP
    return None


def _out_of_scope(matter: _Matter) -> Verdict | None:
    return (Outcome.OUT_OF_SCOPE, Reason.OUT_OF_SCOPE) if _is_out_of_scope(matter) else None


def _chosen(matter: _Matter, allowed: tuple[Alternative, ...]) -> Verdict:
    """Apply the rules to the best candidate that is left."""
    if not allowed or not allowed[0].probability >= matter.thresholds.confirm:
        return Outcome.TRIAGE, _why_nothing_is_left(matter, allowed)
    best = matter.catalogue.service(allowed[0].service_id)
    if (halted := matter.policy.halt_service(best.id)) is not None:
        return Outcome.TRIAGE, halted
    # Only the model's own first choice goes by itself: what moved up was never its answer.
    if allowed[0] is matter.seen.suggestions[0] and _is_confident(matter):
        return _located(best, matter)
    if matter.chance(allowed) < matter.policy.least_chance:
        return Outcome.TRIAGE, Reason.TOO_UNSURE
    return Outcome.CONFIRM, Reason.UNSURE


def _located(best: Service, matter: _Matter) -> Verdict:
    """Route, unless the citizen must first say where they live."""
    try:
        matter.catalogue.office(best, matter.facts.region)
    except (RegionRequiredError, UnknownRegionError) as error:
        return Outcome.CONFIRM, Reason(error.reason)
    return Outcome.ROUTE, Reason.CONFIDENT


def _is_confident(matter: _Matter) -> bool:
    """A threshold of 0 was never set: nothing is routed on the word of such a model."""
    probability = matter.seen.suggestions[0].probability
    return matter.seen.route_threshold > 0 and probability >= matter.thresholds.route


def _is_out_of_scope(matter: _Matter) -> bool:
    seen = matter.seen
    best = max((one.probability for one in seen.suggestions), default=0.0)
    return seen.out_of_scope_probability > max(best, matter.thresholds.confirm)


def _why_nothing_is_left(matter: _Matter, allowed: tuple[Alternative, ...]) -> Reason:
    """Tell what became of the model's first choice."""
    suggestions = matter.seen.suggestions
    if not suggestions or suggestions[0] in allowed:
        return Reason.TOO_UNSURE
    is_known = suggestions[0].service_id in matter.catalogue.services
    return Reason.RETURNED_BY_OFFICE if is_known else Reason.UNKNOWN_SERVICE
