"""What a case is: the nouns, and what each must satisfy."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import InvalidError
from services.chassis.story import Actor, ContactKind, Outcome, State

MAX_TEXT_CHARACTERS = 4000
MOST_STARS = 5
DECIDE = "decide"
"""The verb that begins the name of every step a decision led to."""
MAX_CONTACT_CHARACTERS = 254
REQUEST_ID = re.compile(r"^[\x21-\x7e]{1,128}\Z")
REGION = re.compile(r"^[0-9]{2}\Z")
OFFICE = re.compile(r"^[A-Za-z0-9-]{1,64}\Z")
SERVICE_ID = re.compile(r"^[A-Za-z0-9._-]{1,128}\Z")
REASON_CODE = re.compile(r"^[A-Z][A-Z0-9_]{0,63}\Z")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Answer(StrEnum):
    """What an office answers."""

    ACCEPT = "accept"
    COMPLETE = "complete"
    RETURN = "return"
    ASK = "ask"


class Happening(StrEnum):
    """What happened to a case; the name of the event."""

    SUBMITTED = "submitted"
    CONFIRMATION_REQUESTED = "confirmation-requested"
    TRIAGED = "triaged"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    INFORMATION_REQUESTED = "information-requested"
    INFORMATION_PROVIDED = "information-provided"
    COMPLETED = "completed"
    RETURNED = "returned"
    SPLIT = "split"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    OBJECTED = "objected"
    RATED = "rated"
    OVERDUE = "overdue"
    ERASED = "erased"


class TextLengthError(InvalidError):
    """The text must have between 1 and 4,000 characters."""

    reason = "TEXT_LENGTH"


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A text in the three languages of the country's citizens."""

    kk: str
    ru: str
    en: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A candidate service."""

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
class Decision:
    """What was decided about a case, by a model or a person; fields as in cases.proto."""

    outcome: Outcome
    actor: Actor
    id: str = ""
    service_id: str = ""
    office: str = ""
    channel: str | None = None
    probability: float = 0.0
    alternatives: tuple[Alternative, ...] = ()
    model: str = ""
    catalogue_version: str = ""
    policy_version: str = ""
    language: str | None = None
    reason_code: str = ""
    route_threshold: float = 0.0
    confirm_threshold: float = 0.0
    decide_time: datetime | None = None
    term_days: int = 0
    explanation: Explanation | None = None
    commitment: str = ""
    overrides: str = ""
    subject: str = ""
    text_length: int = 0
    unknown_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Rating:
    """A citizen's opinion of how a case was handled, from 1, bad, to 5, good."""

    stars: int

    def __post_init__(self) -> None:
        if not 1 <= self.stars <= MOST_STARS:
            raise InvalidError("from 1, bad, to 5, good", field="stars")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a model said last of a case, however people have decided since."""

    decision_id: str
    model: str
    service_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What only the citizen and the office that holds the case may read."""

    text: str
    contact: str = ""

    @property
    def contact_kind(self) -> ContactKind:
        """Tell whether there is a contact, and nothing of it."""
        return ContactKind.LEFT if self.contact else ContactKind.NONE

    def __post_init__(self) -> None:
        if not self.text.strip() or len(self.text) > MAX_TEXT_CHARACTERS:
            raise TextLengthError(field="text")
        if CONTROL.search(self.text):
            raise InvalidError("the text holds control characters", field="text")
        if len(self.contact) > MAX_CONTACT_CHARACTERS or CONTROL.search(self.contact):
            raise InvalidError("contact has at most 254 printable characters", field="contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A citizen's request on its way, without its words; fields as in cases.proto."""

    id: str
    number: str
    state: State
    version: int
    submit_time: datetime
    update_time: datetime
    portal: str
    owner: str
    language: str | None = None
    region: str = ""
    service_id: str = ""
    office: str = ""
    channel: str | None = None
    decision: Decision | None = None
    returned_by: tuple[str, ...] = ()
    resume_state: State | None = None
    """Where a citizen's answer leads back to; none while nothing is asked."""
    suggested_service_id: str = ""
    suggested_office: str = ""
    chosen_service_id: str = ""
    """What its citizen chose before they sent it."""
    judgement: Judgement | None = None
    parent_id: str = ""
    child_ids: tuple[str, ...] = ()
    rating: Rating | None = None
    due_time: datetime | None = None
    days_left: int | None = None
    """Working days that were left when the clock was stopped; none while it runs."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where somebody thinks a case belongs: a service, an agency or office, both, or neither."""

    service_id: str = ""
    office: str = ""

    def __post_init__(self) -> None:
        if self.service_id and not SERVICE_ID.match(self.service_id):
            raise InvalidError("this is no id of a service", field="suggested_service_id")
        if self.office and not OFFICE.match(self.office):
            raise InvalidError("this is no code of an office", field="suggested_office")


@dataclass(frozen=True, slots=True)
class Escalation:
    """How late something is, from 1 on."""

    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a case."""

    case_version: int
    type: Happening
    event_time: datetime
    state: State
    actor: Actor
    office: str = ""
    reason_code: str = ""
    request_id: str = ""
    previous_office: str = ""
    decision: Decision | None = None
    child_id: str = ""
    escalation: Escalation | None = None
    contact_kind: ContactKind | None = None
    """Told with the submission, and kept with the sealed words alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMessage:
    """Words that were said on a case after it was submitted, with the step they came with."""

    case_version: int
    type: Happening
    event_time: datetime
    actor: Actor
    office: str
    reason_code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of a citizen's words; fields as in cases.proto."""

    id: str
    case_id: str
    subject: str
    role: str
    access_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """That somebody has a case open at a desk; fields as in cases.proto."""

    case_id: str
    desk: str
    subject: str
    open_time: datetime
    seen_time: datetime
    taken_from: str


def check_choice(service_id: str, *, ask_person: bool) -> None:
    """Refuse a service that is no id, or one beside the wish for a person; empty is allowed."""
    if service_id and ask_person:
        raise InvalidError("either a service is chosen, or a person is to", field="service_id")
    if service_id and not SERVICE_ID.match(service_id):
        raise InvalidError("this is no id of a service", field="service_id")


def check_request_id(request_id: str) -> None:
    """Refuse a request id that is not 1 to 128 printable ASCII characters."""
    if not REQUEST_ID.match(request_id):
        raise InvalidError(
            "a request id has 1 to 128 printable ASCII characters", field="request_id"
        )


def name_request(verb: str, request_id: str) -> str:
    """Name a request within its case: by its verb, so that two verbs cannot be taken for one."""
    check_request_id(request_id)
    return f"{verb}:{request_id}"


def check_region(region: str) -> None:
    """Refuse a region that is not two digits; empty is allowed."""
    if region and not REGION.match(region):
        raise InvalidError("a region is the first two digits of its KATO code", field="region")
