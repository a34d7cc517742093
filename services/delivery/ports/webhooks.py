"""What the verbs of webhooks ask of the world."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.delivery.domain.subscriptions import Subscription
from services.delivery.domain.webhooks import (
    Attempt,
    DeadLetter,
    Delivery,
    Reply,
    Room,
    Secrets,
    Verdict,
)


class Post(Protocol):
    """What is on its way to webhooks: planned from the feeds, taken up, tried, and kept."""

    def plan(self, now: datetime) -> int:
        """Take up what is new in the feeds of active subscriptions; return how much was read."""

    def claim(self, room: Room, now: datetime, until: datetime) -> Sequence[Delivery]:
        """Take what is due, for this member alone until a time.

        No more than there is room for; of a case only the first that waits.
        """

    def record(self, delivery: Delivery, attempt: Attempt, verdict: Verdict) -> None:
        """Keep what became of an attempt: all of it, or nothing."""

    def prune(self, before: datetime) -> None:
        """Forget attempts that began before a time."""


class Mailbox(Protocol):
    """What an office may see and change of the way its webhooks went."""

    def secrets(self, subscription: Subscription, now: datetime) -> Secrets:
        """Return what a subscription's messages are signed with."""

    def rotate(
        self, subscription: Subscription, secret: str, now: datetime, expires: datetime
    ) -> Subscription:
        """Put a new secret in place; the one before is good until it expires."""

    def activate(
        self, subscription: Subscription, validated: Secrets, now: datetime
    ) -> Subscription:
        """Begin to deliver, at once; refuse where address or secret are not those validated."""

    def note(self, subscription: Subscription, attempt: Attempt) -> None:
        """Keep an attempt that belongs to no event of the feed."""

    def attempts(self, subscription: Subscription, before: int, limit: int) -> Sequence[Attempt]:
        """Return attempts, newest first."""

    def dead_letters(
        self, subscription: Subscription, after: int, limit: int
    ) -> Sequence[DeadLetter]:
        """Return what was given up, oldest first."""

    def send_again(
        self, subscription: Subscription, sequences: Sequence[int], now: datetime
    ) -> int:
        """Put dead letters on their way again; none named means all. Return how many."""


class Send(Protocol):
    """Brings messages to webhooks; whatever happens there is a reply."""

    def event(self, delivery: Delivery, now: datetime) -> Reply:
        """Send an event."""

    def validation(
        self, subscription: Subscription, secrets: Secrets, challenge: str, now: datetime
    ) -> Reply:
        """Send a validation event; the reply holds the body."""
