"""What telling citizens asks of the world."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from services.delivery.domain.notices import Channel, Kept, Notice, Text, Told

Contact = Callable[[str], str]
"""Asks cases where the citizen of a case wants answers, which cases records; empty for nowhere."""

Render = Callable[[Notice], Text]
"""Makes the words of a message."""


class Notices(Protocol):
    """The messages to citizens, each recorded."""

    def add(self, notices: Sequence[Notice], now: datetime) -> int:
        """Keep what is new to be told; return how much of it has somewhere to go."""

    def claim(self, most: int, now: datetime, until: datetime) -> Sequence[Notice]:
        """Take what is due, for this member alone until a time."""

    def record(self, notice: Notice, told: Told) -> None:
        """Keep what became of an attempt."""

    def forget(self, case_ids: Collection[str]) -> None:
        """Forget all messages of cases, which were erased."""

    def of(self, case_id: str) -> Sequence[Kept]:
        """Return what is known of a case's messages, in their order."""


class Notify(Protocol):
    """A way to a citizen."""

    def channel(self, contact: str) -> Channel:
        """Say how this address is reached; NONE where it cannot be."""

    def send(self, contact: str, notice: Notice, text: Text) -> str:
        """Send a message; return SENT or what went wrong, as a code."""
