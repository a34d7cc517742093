"""Who is calling: a principal, from the first call on."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a principal is to this product."""

    CITIZEN = "citizen"
    PORTAL = "portal"
    OFFICER = "officer"
    TRIAGE_OFFICER = "triage-officer"
    ANALYST = "analyst"
    MODEL_STEWARD = "model-steward"
    CATALOGUE_STEWARD = "catalogue-steward"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who calls: a person, a portal, or one of our services."""

    subject: str
    role: Role
    portal: str = "web"
    offices: frozenset[str] = frozenset()

    @property
    def is_anonymous(self) -> bool:
        """Tell whether nobody signed in."""
        return self.subject == ANONYMOUS_SUBJECT


ANONYMOUS_SUBJECT = "anonymous"
ANONYMOUS = Principal(ANONYMOUS_SUBJECT, Role.CITIZEN)
"""A citizen who did not sign in; allowed on the embedded default only."""
