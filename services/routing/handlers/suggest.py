"""What would be decided about a text, for somebody who only asks."""

from dataclasses import dataclass

from services.chassis.emergency import Emergency
from services.chassis.errors import InvalidError
from services.routing.domain import Catalogue, Decision, Facts, Policy, Service, decide
from services.routing.ports import Classify

MAX_TEXT_CHARACTERS = 4000


class TextLengthError(InvalidError):
    """The text must have between 1 and 4,000 characters."""

    reason = "TEXT_LENGTH"


@dataclass(frozen=True, slots=True)
class Suggested:
    """A service that may be meant, and how likely."""

    service: Service
    probability: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What would be decided about a text, and the services behind it, best first."""

    decision: Decision
    services: tuple[Suggested, ...]
    emergency: Emergency | None = None


def suggest(text: str, *, classify: Classify, catalogue: Catalogue, policy: Policy) -> Suggestion:
    """Tell what would be decided about a text; changes nothing."""
    if not text.strip() or len(text) > MAX_TEXT_CHARACTERS:
        raise TextLengthError(field="text")
    seen = classify([text])[0]
    decision = decide(seen, Facts(), catalogue, policy)
    services = tuple(
        Suggested(catalogue.service(one.service_id), one.probability)
        for one in decision.alternatives
    )
    return Suggestion(decision, services, seen.emergency)
