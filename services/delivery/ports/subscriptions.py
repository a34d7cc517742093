"""What the verbs of subscriptions ask of the world."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from services.delivery.domain.subscriptions import Register, Subscription

KnownRegister = Callable[[], Register]
"""Gives the register of services as it is now, or raises UnavailableError."""

CheckAddress = Callable[[str, str], None]
"""Refuses a URL of an office that leads to where nothing may be sent."""

Wake = Callable[[], None]
"""Says that a subscription changed."""

Change = Callable[[Subscription], Subscription]
"""Says what becomes of a subscription."""


class Subscriptions(Protocol):
    """The subscriptions of all offices."""

    def add(self, wanted: Subscription, secret: str) -> Subscription:
        """Keep a subscription; where the name is taken, return what it holds or refuse."""

    def find(self, office: str, name: str) -> Subscription:
        """Return a subscription, or raise UnknownSubscriptionError."""

    def of_office(self, office: str) -> Sequence[Subscription]:
        """Return an office's subscriptions, by name."""

    def update(self, subscription: Subscription, change: Change) -> Subscription:
        """Change filter, address and state, from what they are in the same moment."""

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription and what it had not delivered."""

    def move(self, subscription: Subscription, position: int) -> Subscription:
        """Put it at another place of its feed."""

    def acknowledge(self, subscription: Subscription, position: int) -> int:
        """Move a cursor ahead, never back; return where it stands."""

    def skip(self, subscription: Subscription, position: int) -> None:
        """Move a cursor ahead over what is not wanted, unless it was moved since it was read."""


class Places(Protocol):
    """Where in a feed a time is."""

    def before(self, office: str, time: datetime) -> int:
        """Return the last sequence that entered an office's feed before a time; 0 for none."""
