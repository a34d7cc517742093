"""What a feed is: who is sent which event, in which order; and what an office may answer."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import InvalidError, NotFoundError
from services.chassis.story import KNOWN_TYPES

REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


class CursorAheadError(InvalidError):
    """The feed has not come that far; the cursor is not from this feed."""

    reason = "CURSOR_AHEAD"


class ForeignCursorError(InvalidError):
    """This feed has another event at that sequence; the cursor is of another feed."""

    reason = "CURSOR_FOREIGN"


class UnknownFeedError(NotFoundError):
    """There is no such office for this caller."""

    reason = "OFFICE_NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """What delivery reads of an event of a case; `event` is its data as it came."""

    event_id: str
    type: str
    case_id: str
    case_version: int
    office: str
    previous_office: str
    event: bytes
    envelope: Mapping[str, str]
    """What the event says about itself, to be handed on as it came."""
    state: str = ""
    service_id: str = ""
    event_time: datetime | None = None
    due_time: datetime | None = None
    """When what is due after the event is due by law; none where nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An event at its place in an office's feed."""

    office: str
    sequence: int
    event_id: str
    type: str
    case_id: str
    case_version: int
    event: bytes
    enqueue_time: datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where a reader has read: the last event's sequence and, where it is told, its id."""

    sequence: int
    event_id: str = ""


class AnswerKind(StrEnum):
    """What an office answers."""

    ACCEPT = "accept"
    COMPLETE = "complete"
    RETURN = "return"
    ASK = "ask"


class ReturnReason(StrEnum):
    """Why an office returns a case."""

    NOT_COMPETENT = "NOT_COMPETENT"
    WRONG_REGION = "WRONG_REGION"
    INSUFFICIENT_INFORMATION = "INSUFFICIENT_INFORMATION"
    DUPLICATE = "DUPLICATE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an office says about a case, named for repetition; `code` says why or how.

    `text` is what the citizen is told in words, a question or what came of the case; it goes to the
    system of record and stays there.
    """

    kind: AnswerKind
    case_id: str
    office: str
    expected_version: int
    request_id: str
    code: str = ""
    text: str = ""
    suggested_service_id: str = ""
    suggested_office: str = ""

    def __post_init__(self) -> None:
        if not REQUEST_ID.fullmatch(self.request_id):
            raise InvalidError("1 to 128 printable ASCII characters", field="request_id")
        if self.expected_version < 0:
            raise InvalidError("a version is not negative", field="expected_version")
        if self.kind is AnswerKind.RETURN and self.code not in set(ReturnReason):
            raise InvalidError(f"one of {', '.join(ReturnReason)}", field="reason_code")
        if self.kind is AnswerKind.COMPLETE and self.code and not CODE.fullmatch(self.code):
            raise InvalidError("a code such as GRANTED, or nothing", field="outcome_code")
        if self.kind is AnswerKind.ASK and not CODE.fullmatch(self.code):
            raise InvalidError("a code such as DOCUMENT_MISSING", field="question_code")


def recipients(event: CaseEvent) -> Sequence[str]:
    """Return the offices an event is for: who holds the case after it, and who held it before."""
    if event.type not in KNOWN_TYPES:
        return ()
    offices = (event.office, event.previous_office)
    return [office for office in dict.fromkeys(offices) if office]


def enqueue(
    events: Iterable[CaseEvent], ends: Mapping[str, int], now: datetime
) -> Sequence[FeedEntry]:
    """Give each event the next place in each feed it belongs to, after the feeds' present ends."""
    last = dict(ends)
    entries = []
    for event in events:
        for office in recipients(event):
            last[office] = last.get(office, 0) + 1
            entries.append(_entry(event, office, last[office], now))
    return entries


def _entry(event: CaseEvent, office: str, sequence: int, now: datetime) -> FeedEntry:
    return FeedEntry(
        office=office,
        sequence=sequence,
        event_id=event.event_id,
        type=event.type,
        case_id=event.case_id,
        case_version=event.case_version,
        event=event.event,
        enqueue_time=now,
    )


def check_office(office: str, offices: frozenset[str]) -> None:
    """Refuse an office that is not the caller's, in the same words as one that does not exist."""
    if not office or office not in offices:
        raise UnknownFeedError(field="office")


def check_cursor(after: int, end: int) -> None:
    """Refuse a cursor that no event of this feed can have given."""
    if after < 0:
        raise InvalidError("a sequence is not negative", field="after_sequence")
    if after > end:
        raise CursorAheadError(f"the feed ends at {end}", field="after_sequence")


def check_event(cursor: Cursor, there: Sequence[FeedEntry]) -> None:
    """Refuse a cursor whose event is not the one that this feed has there."""
    if [entry.event_id for entry in there] != [cursor.event_id]:
        raise ForeignCursorError(field="after_event_id")
