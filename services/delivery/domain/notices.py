"""What citizens are told: one message for a step of their case, in their language."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.chassis.story import ContactKind
from services.delivery.domain import CaseEvent, ReturnReason
from services.delivery.domain.subscriptions import short_type

TOLD = frozenset(
    {
        "submitted",
        "confirmation-requested",
        "routed",
        "accepted",
        "information-requested",
        "returned",
        "completed",
        "withdrawn",
        "information-provided",
        "split",
        "reopened",
        "objected",
        "overdue",
    }
)
"""The steps that are told; each has a template in every language.

Not a triage, which is the state's own affair, nor an opinion, which its citizen just gave, nor an
erasure, which took the address too.
"""
LATE: Mapping[str, str] = {
    "RECEIPT_OVERDUE": "overdue-receipt",
    "PASS_ON_OVERDUE": "overdue-pass-on",
    "TERM_OVERDUE": "overdue-term",
}
"""The template of each clock that ran out: what is late is not always the request itself."""
RETURNED: Mapping[str, str] = {
    reason.value: f"returned-{reason.value.lower().replace('_', '-')}"
    for reason in ReturnReason
    if reason is not ReturnReason.OTHER
}
"""The template of each reason to return; one that says nothing needs none of its own."""
LANGUAGES = ("kk", "ru", "en")
UNSAID = ("kk", "ru")
"""In the languages of the state, where the citizen named none."""
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""Between attempts; after the last a message is given up."""
SENT, NO_CONTACT, NO_WAY, ERASED = "SENT", "NO_CONTACT", "NO_WAY", "ERASED"


class NoticeState(StrEnum):
    """Where a message stands."""

    DUE = "due"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"


class Channel(StrEnum):
    """How a message travels."""

    NONE = ""
    EMAIL = "email"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to a citizen, without their address: that is asked for when it is sent."""

    case_id: str
    case_version: int
    template: str
    languages: tuple[str, ...]
    number: str
    office: str
    attempts: int = 0
    contact_kind: ContactKind | None = None
    """Whether there is a contact, where the step says so."""

    @property
    def id(self) -> str:
        """Name the message, the same in each attempt."""
        return f"{self.case_id}.{self.case_version}"


@dataclass(frozen=True, slots=True)
class Text:
    """A message as the citizen reads it."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an attempt to tell: recorded, without the address."""

    state: NoticeState
    code: str
    channel: Channel
    time: datetime
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of a message afterwards: neither its address nor its words."""

    case_version: int
    template: str
    languages: tuple[str, ...]
    channel: Channel
    state: NoticeState
    code: str
    attempts: int
    create_time: datetime
    attempt_time: datetime | None
    due_time: datetime | None
    """When it is to be tried; None unless it is due."""


def notices(events: Iterable[CaseEvent]) -> Sequence[Notice]:
    """Return what citizens should be told of these events."""
    wanted = ((event, json.loads(event.event)) for event in events if _is_told(event))
    return [_notice(event, told) for event, told in wanted if not _is_repetition(told)]


def _is_told(event: CaseEvent) -> bool:
    return short_type(event.type) in TOLD


def _is_repetition(told: dict[str, Any]) -> bool:
    """Tell whether those above hear once more of what its citizen knows: that it is late."""
    return int(told.get("escalation", {}).get("level", 0)) > 1


def _notice(event: CaseEvent, told: dict[str, Any]) -> Notice:
    named = told.get("language")
    return Notice(
        case_id=event.case_id,
        case_version=event.case_version,
        template=_template(short_type(event.type), told.get("reason_code", "")),
        languages=(named,) if named in LANGUAGES else UNSAID,
        number=str(told.get("number", "")),
        office=event.office,
        contact_kind=_contact_kind(told),
    )


def _template(step: str, reason_code: str) -> str:
    """Return the template of a step, and of its reason where that has one of its own."""
    return {"overdue": LATE, "returned": RETURNED}.get(step, {}).get(reason_code, step)


def _contact_kind(told: dict[str, Any]) -> ContactKind | None:
    kind = told.get("contact_kind")
    return ContactKind(kind) if kind in set(ContactKind) else None


def silent(notices: Sequence[Notice], newest: Mapping[str, tuple[int, str]]) -> Collection[str]:
    """Return which of new messages have nobody to go to, by their ids.

    Of each case its newest message is given, by version and code: once it was told or found out
    that there is no contact, nobody asks again, until a step says that there is one.
    """
    without = {case_id for case_id, (_, code) in newest.items() if code == NO_CONTACT}
    found: set[str] = set()
    for notice in notices:
        is_news = notice.case_version > newest.get(notice.case_id, (0, ""))[0]
        if is_news and notice.contact_kind is ContactKind.NONE:
            without.add(notice.case_id)
        elif is_news and notice.contact_kind is ContactKind.LEFT:
            without.discard(notice.case_id)
        if notice.case_id in without:
            found.add(notice.id)
    return found


def judge(notice: Notice, code: str, channel: Channel, now: datetime) -> Told:
    """Say what an attempt means for its message."""
    if code == SENT:
        return Told(NoticeState.SENT, code, channel, now, now)
    if code in {NO_CONTACT, NO_WAY, ERASED}:
        return Told(NoticeState.DROPPED, code, channel, now, now)
    if notice.attempts >= len(PAUSES):
        return Told(NoticeState.FAILED, code, channel, now, now)
    return Told(NoticeState.DUE, code, channel, now, now + PAUSES[notice.attempts])
