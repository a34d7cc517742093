"""What the verbs of delivery ask of the world."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from services.delivery.domain import Answer, CaseEvent, FeedEntry
from services.delivery.domain.clocks import Alarm, LegalClock, Ring

Clock = Callable[[], datetime]
Announce = Callable[[Sequence[FeedEntry]], None]
"""Tells whoever waits what came into the feeds, each feed's entries in order."""

CaseT_co = TypeVar("CaseT_co", covariant=True)


class Feeds(Protocol):
    """The feeds of all offices."""

    def append(self, events: Sequence[CaseEvent], now: datetime) -> Sequence[FeedEntry]:
        """Put what is new into the feeds it belongs to; return that, each feed's in order."""

    def page(self, office: str, after: int, limit: int) -> Sequence[FeedEntry]:
        """Return the next events of an office's feed, in order."""

    def ends(self, offices: Collection[str]) -> Mapping[str, int]:
        """Return the last sequence of each of these feeds; those without events are left out."""


class Clocks(Protocol):
    """The clocks of all cases."""

    def due(self, now: datetime, most: int) -> Sequence[LegalClock]:
        """Return the clocks whose time has come, those that waited longest first."""

    def advance(self, clocks: Sequence[LegalClock], alarms: Sequence[Alarm]) -> None:
        """Let clocks go on, and tell the alarms they raised; all of it or nothing."""

    def of(self, case_ids: Sequence[str]) -> Sequence[LegalClock]:
        """Return the clocks of cases."""


class Alarms(Protocol):
    """How often offices were late."""

    def counts(self) -> Mapping[str, dict[Ring, int]]:
        """Return how often each office was late, by what rang."""


class Lateness(Protocol):
    """The system of record, to which it is told that something was not done in time."""

    def tell(self, overdue: Sequence[Alarm]) -> frozenset[str]:
        """Tell it of alarms on different cases; return the cases for which they hold."""


class Visible(Protocol):
    """The system of record, asked in the name of whoever calls us."""

    def check(self, case_id: str) -> None:
        """Refuse a case the caller may not see, in the words of a case that does not exist."""


class Cases(Protocol[CaseT_co]):
    """The system of record, which alone changes cases."""

    def answer(self, answer: Answer) -> CaseT_co:
        """Record what an office answered and return the case after it."""
