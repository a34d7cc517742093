"""The policy: rules that hold for models and people, stricter than a model or as it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from services.chassis.errors import InvalidError
from services.routing.domain.catalogue import Catalogue, Service
from services.routing.domain.values import Classification, Language, Reason

HOP_CAP = 2
MOST_OFFERS = 5
MOST_SAMPLE = 0.2
"""A larger share would be no sample, but a way around the model."""
TERM_DAYS = 15
MOST_TERM_DAYS = 1000


class PolicyError(InvalidError):
    """The routing policy is not valid."""

    reason = "POLICY"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The probabilities from which on a text is routed by itself, or its citizen asked."""

    route: float = 0.0
    confirm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OffSwitch:
    """What is never decided by a model: everything, some languages, some services."""

    everything: bool = False
    languages: frozenset[Language] = frozenset()
    services: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules at one version, which is the SHA-256 of their content."""

    version: str = ""
    hop_cap: int = HOP_CAP
    """How often a case may come back before a person decides."""
    offers: int = MOST_OFFERS
    """How many services a citizen is offered at most."""
    least_chance: float = 0.0
    """How likely the citizen's service must be among those offered for the citizen to be asked."""
    sample_share: float = 0.0
    """Which share of what would be routed by itself a person decides instead; 0 for none."""
    thresholds: Mapping[Language, Thresholds] = field(default_factory=dict)
    needs_human: frozenset[str] = frozenset()
    off: OffSwitch = OffSwitch()
    term_days: int = TERM_DAYS
    """The term of services whose own the register does not name, in working days."""

    def term_of(self, service: Service) -> int:
        """Return the term of a service, in working days."""
        return service.term_days or self.term_days

    def thresholds_for(self, seen: Classification) -> Thresholds:
        """Return the stricter ones of the model's thresholds and ours.

        Nothing that needs no confirmation may be less likely than what needs one.
        """
        own = self.thresholds.get(seen.language, Thresholds()) if seen.language else Thresholds()
        confirm = max(seen.confirm_threshold, own.confirm)
        return Thresholds(max(seen.route_threshold, own.route, confirm), confirm)

    def halts(self, language: Language | None) -> bool:
        """Tell whether texts of this language go to people."""
        return self.off.everything or language in self.off.languages

    def halt_service(self, service_id: str) -> Reason | None:
        """Return why a service goes to people, if it does."""
        if service_id in self.needs_human:
            return Reason.NEEDS_HUMAN
        return Reason.OFF_SWITCH if service_id in self.off.services else None

    def on(self, catalogue: Catalogue) -> "Policy":
        """Return the policy in the ids of today: a rule for an old id holds its successor."""
        if not catalogue.successors:
            return self
        needs_human = self.needs_human | _led_on(self.needs_human, catalogue)
        services = self.off.services | _led_on(self.off.services, catalogue)
        return replace(self, needs_human=needs_human, off=replace(self.off, services=services))

    def check(self, catalogue: Catalogue) -> None:
        """Refuse a policy that names services the catalogue has not: a slip would guard nothing."""
        _refuse_unknown(self.needs_human, catalogue, "needs-human.services")
        _refuse_unknown(self.off.services, catalogue, "off.services")


def _led_on(named: Iterable[str], catalogue: Catalogue) -> frozenset[str]:
    return frozenset(catalogue.successors.get(one, one) for one in named)


def _refuse_unknown(named: Iterable[str], catalogue: Catalogue, key: str) -> None:
    unknown = sorted(set(named) - catalogue.services.keys() - catalogue.successors.keys())
    if unknown:
        raise PolicyError(f"{key}: the catalogue has no service {', '.join(unknown)}", field=key)
