"""Decisions as they are looked for: by days and by what they say, newest first, page by page."""

from dataclasses import dataclass
from datetime import datetime

from services.audit.domain.demand import Period
from services.chassis.errors import InvalidError

USUAL_PAGE = 50
MAX_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: behind which decision the next begins."""

    micros: int
    case_id: str
    case_version: int

    @property
    def token(self) -> str:
        """Return what names the next page."""
        return f"{self.micros}.{self.case_version}.{self.case_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which decisions are looked for; empty filters are for all."""

    period: Period
    service_id: str = ""
    outcome: str = ""
    language: str = ""
    model: str = ""
    """How the id of the model begins."""
    after: Place | None = None
    limit: int = USUAL_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDecision:
    """A decision that was found; fields as in audit.proto."""

    decision_id: str
    case_id: str
    case_version: int
    decide_time: datetime
    actor: str
    outcome: str
    service_id: str
    office: str
    channel: str
    probability: float
    language: str
    model: str
    catalogue_version: str
    policy_version: str
    reason_code: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A page of decisions, the days they are of, and the next page; fields as in audit.proto."""

    period: Period
    decisions: tuple[FoundDecision, ...]
    next_page_token: str


def place_of(token: str) -> Place | None:
    """Return where a page begins; none for the first page."""
    if not token:
        return None
    micros, _, rest = token.partition(".")
    version, _, case_id = rest.partition(".")
    numbers = (micros, version)
    if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in numbers):
        raise InvalidError("the page token is not one of ours", field="page_token")
    return Place(int(micros), case_id, int(version))


def page_size_of(wanted: int) -> int:
    """Return how many decisions a page has; 0 asks for the usual number."""
    if not 0 <= wanted <= MAX_PAGE:
        raise InvalidError(f"a page has 1 to {MAX_PAGE} decisions", field="page_size")
    return wanted or USUAL_PAGE
