"""What delivery does: one function per call or batch that reaches it."""

from collections.abc import Sequence
from typing import TypeVar

from services.chassis.errors import InvalidError
from services.delivery import domain
from services.delivery.domain import Answer, CaseEvent, Cursor, FeedEntry
from services.delivery.ports import Announce, Cases, Clock, Feeds

DEFAULT_PAGE = 100
MAX_PAGE = 500

Case = TypeVar("Case")


def deliver(events: Sequence[CaseEvent], *, feeds: Feeds, announce: Announce, now: Clock) -> None:
    """Put a batch of events into the feeds of the offices they concern, and wake who waits."""
    if entries := feeds.append(events, now()):
        announce(entries)


def respond(answer: Answer, *, offices: frozenset[str], cases: Cases[Case]) -> Case:
    """Pass an office's answer on to the system of record."""
    domain.check_office(answer.office, offices)
    return cases.answer(answer)


def list_events(
    office: str, after: Cursor, page_size: int, *, offices: frozenset[str], feeds: Feeds
) -> Sequence[FeedEntry]:
    """Return a page of an office's feed to one of its officers."""
    if not 0 <= page_size <= MAX_PAGE:
        raise InvalidError(f"a page has 1 to {MAX_PAGE} events", field="page_size")
    check_subscription(office, after, offices=offices, feeds=feeds)
    return feeds.page(office, after.sequence, page_size or DEFAULT_PAGE)


def check_subscription(
    office: str, after: Cursor, *, offices: frozenset[str], feeds: Feeds
) -> None:
    """Refuse a feed that is not the caller's, and a cursor that is not of this feed."""
    domain.check_office(office, offices)
    domain.check_cursor(after.sequence, feeds.ends([office]).get(office, 0))
    if after.event_id:
        there = feeds.page(office, after.sequence - 1, 1) if after.sequence else []
        domain.check_event(after, there)
