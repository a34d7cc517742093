"""The nouns of routing: what a model says, what is known of a case, what is decided.

Fields carry the names of the protos they travel in.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.chassis import story
from services.chassis.emergency import Emergency
from services.chassis.story import Actor, Outcome, State


class Language(StrEnum):
    """A language of a text."""

    KK = "kk"
    RU = "ru"
    EN = "en"
    MIXED = "mixed"


class Channel(StrEnum):
    """How a service is reached."""

    ONLINE = "online"
    IN_PERSON = "in-person"


class Reason(StrEnum):
    """Why something was decided."""

    CONFIDENT = "CONFIDENT"
    UNSURE = "UNSURE"
    TOO_UNSURE = "TOO_UNSURE"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    NEEDS_HUMAN = "NEEDS_HUMAN"
    OFF_SWITCH = "OFF_SWITCH"
    HOP_CAP = "HOP_CAP"
    RETURNED_BY_OFFICE = "RETURNED_BY_OFFICE"
    REGION_REQUIRED = "REGION_REQUIRED"
    UNKNOWN_REGION = "UNKNOWN_REGION"
    UNKNOWN_SERVICE = "UNKNOWN_SERVICE"
    SAMPLED = story.SAMPLED
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    CONFIRMED = "CONFIRMED"
    ASKED_FOR_PERSON = story.ASKED_FOR_PERSON
    CITIZEN_CHOSE_ANOTHER = "CITIZEN_CHOSE_ANOTHER"
    ASSIGNED = "ASSIGNED"
    SUGGESTED = "SUGGESTED"
    OFFICE_SUGGESTED = "OFFICE_SUGGESTED"
    UNKNOWN_OFFICE = "UNKNOWN_OFFICE"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A candidate service and its calibrated probability."""

    service_id: str
    probability: float = 0.0


@dataclass(frozen=True, slots=True)
class ExplainedWord:
    """A word of the text by its place, and how much it spoke for the service."""

    start: int = 0
    end: int = 0
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why the model's best service led its runner-up."""

    service_id: str = ""
    against: str = ""
    words: tuple[ExplainedWord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What the model says of a text; candidates come best first."""

    language: Language | None = None
    suggestions: tuple[Alternative, ...] = ()
    out_of_scope_probability: float = 0.0
    model: str = ""
    route_threshold: float = 0.0
    """From here on a text is routed by itself; 0 is a model that never allows it."""
    confirm_threshold: float = 0.0
    emergency: Emergency | None = None
    """A person is told whom to call, and the request goes its way: it is drawn for no sample."""
    explanation: Explanation | None = None
    text_length: int = 0
    unknown_share: float = 0.0
    """What is watched for drift: how long texts are, and how many words the model never saw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a decision depends on beside the text."""

    undecided_id: str = ""
    """The case whose first decision this is; empty where it had one, or where nobody has a case."""
    region: str = ""
    returned_by: tuple[str, ...] = ()
    """The offices that returned the case, oldest first."""
    suggested_service_id: str = ""
    """The service that the last of them thinks of."""
    suggested_office: str = ""
    """The agency or office that the last of them thinks of."""
    chosen_service_id: str = ""
    """The service its citizen chose before they sent it; until an office returned it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided about a case; its id and time are given where it is kept."""

    outcome: Outcome
    actor: Actor
    reason_code: str
    id: str = ""
    service_id: str = ""
    office: str = ""
    channel: Channel | None = None
    probability: float = 0.0
    alternatives: tuple[Alternative, ...] = ()
    model: str = ""
    catalogue_version: str = ""
    policy_version: str = ""
    language: Language | None = None
    route_threshold: float = 0.0
    confirm_threshold: float = 0.0
    decide_time: datetime | None = None
    term_days: int = 0
    explanation: Explanation | None = None
    commitment: str = ""
    overrides: str = ""
    subject: str = ""
    """The person who decides; where it is kept, a pseudonym takes its place."""
    text_length: int = 0
    unknown_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Rating:
    """What a citizen thinks of how a case was handled; handed on as it comes."""

    stars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as its keeper tells it."""

    id: str
    state: State
    version: int
    number: str = ""
    submit_time: datetime | None = None
    update_time: datetime | None = None
    portal: str = ""
    language: Language | None = None
    region: str = ""
    service_id: str = ""
    office: str = ""
    channel: Channel | None = None
    decision: Decision | None = None
    returned_by: tuple[str, ...] = ()
    suggested_service_id: str = ""
    suggested_office: str = ""
    parent_id: str = ""
    child_ids: tuple[str, ...] = ()
    rating: Rating | None = None
    due_time: datetime | None = None

    @property
    def facts(self) -> Facts:
        """Return what a decision depends on."""
        return Facts(region=self.region, returned_by=self.returned_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A person's choice for a case; no service is the wish for none of them."""

    case_id: str = ""
    request_id: str = ""
    service_id: str = ""
    region: str = ""
    expected_version: int = 0
    """The version the person saw; 0 where it does not matter."""
    subject: str = ""
    """Who the person is."""
