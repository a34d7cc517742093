"""What a case is: the nouns, and what each must satisfy."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import InvalidError
from services.chassis.story import Actor, Outcome, State

MAX_TEXT_CHARACTERS = 4000
MAX_CONTACT_CHARACTERS = 254
REQUEST_ID = re.compile(r"^[\x21-\x7e]{1,128}\Z")
REGION = re.compile(r"^[0-9]{2}\Z")
REASON_CODE = re.compile(r"^[A-Z][A-Z0-9_]{0,63}\Z")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Answer(StrEnum):
    """What an office answers."""

    ACCEPT = "accept"
    COMPLETE = "complete"
    RETURN = "return"


class Happening(StrEnum):
    """What happened to a case; the name of the event."""

    SUBMITTED = "submitted"
    CONFIRMATION_REQUESTED = "confirmation-requested"
    TRIAGED = "triaged"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class TextLengthError(InvalidError):
    """The text must have between 1 and 4,000 characters."""

    reason = "TEXT_LENGTH"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A candidate service."""

    service_id: str
    probability: float = 0.0


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What only the citizen and the office that holds the case may read."""

    text: str
    contact: str = ""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of a citizen's words; fields as in cases.proto."""

    id: str
    case_id: str
    subject: str
    role: str
    access_time: datetime


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
