"""What the verbs of audit ask of the world."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from services.audit.domain import CaseEvent, DecisionRecord, Register, Row
from services.audit.domain.counts import BinCounts, HandlingCounts, Histogram, QualityCounts
from services.audit.domain.coverage import Noted
from services.audit.domain.demand import Period, Question, Sum
from services.audit.domain.drift import DriftAlarm
from services.audit.domain.finding import FoundDecision, Place, Search
from services.audit.domain.forecast import DayShare
from services.audit.domain.proofs import Placed, Proof, Signed
from services.audit.domain.reconciling import Decided, Gap, GapAlarm, Key, Page
from services.audit.domain.topics import Look, Topic, TopicAlarm

Clock = Callable[[], datetime]


Announce = Callable[[DriftAlarm, datetime], dict[str, Any]]
"""Makes the row of the outbox that tells of an alarm; the store knows no wire."""

AnnounceGaps = Callable[[GapAlarm, datetime], dict[str, Any]]
"""Makes the row of the outbox that tells of gaps."""

AnnounceTopic = Callable[[TopicAlarm, datetime], dict[str, Any]]
"""Makes the row of the outbox that tells of a new topic."""


class Ledger(Protocol):
    """The record of decisions, and the counters kept along with it."""

    def record(self, events: Sequence[CaseEvent]) -> None:
        """Keep the decisions of what is new and count where its cases stand."""

    def coverage(self) -> tuple[Sequence[Row], Sequence[Row]]:
        """Return the counters by service and by office, most cases first."""

    def decisions(self, case_id: str) -> Sequence[DecisionRecord]:
        """Return the decisions on a case, oldest first."""


class Found(Protocol):
    """The decisions that are looked for."""

    def decisions(self, search: Search) -> tuple[Sequence[FoundDecision], Place | None]:
        """Find a page of decisions, newest first, and where it ended if more come behind."""


class Follower(Protocol):
    """What is kept up with the events of cases."""

    def record(self, events: Sequence[CaseEvent]) -> None:
        """Follow what is new."""


class Analyst(Follower, Protocol):
    """What analysts are told, kept up with the events of cases."""

    def note_register(self, day: str, register: Register) -> None:
        """Keep how many services were online on a day."""

    def ring(self, alarms: Sequence[DriftAlarm], announce: Announce, now: datetime) -> None:
        """Announce alarms that were not announced before."""


class Demands(Protocol):
    """What citizens ask for, counted by day."""

    def sums(self, question: Question) -> Sequence[Sum]:
        """Add up what a question asks for."""


class Counted(Protocol):
    """The counters of cases, added up over days."""

    def quality(self, days: Period, by: str) -> Mapping[str, QualityCounts]:
        """Return how well the model did, by the values of a dimension."""

    def handling(self, days: Period, by: str) -> Mapping[str, HandlingCounts]:
        """Return how offices handled cases, by the values of a dimension."""

    def bins(self, kind: Histogram, days: Period, by: str) -> Mapping[str, Mapping[int, BinCounts]]:
        """Return a histogram, by the values of a dimension."""

    def register_days(self, days: Period) -> Sequence[DayShare]:
        """Return how many services were online on each day it was noted."""

    def notes(self, days: Period) -> Sequence[Noted]:
        """Return which register was noted on each day, in their order."""

    def noted(self, day: date) -> Noted | None:
        """Return which register was in force on a day, or the first that was noted at all."""


class Registers(Protocol):
    """The register of services, as far as it is known here."""

    def latest(self) -> Register:
        """Return what is known of it; NoRegisterError if it was never reached."""

    def of_version(self, version: str) -> Register | None:
        """Return the register as it was once; none where it is not kept."""


class Log(Protocol):
    """The log of decisions, sealed by checkpoints."""

    def checkpoint(self, size: int = 0) -> Signed | None:
        """Return the checkpoint of a size, or the latest; None where there is none."""

    def of_case(self, case_id: str) -> Sequence[Placed]:
        """Return the records of a case's decisions, oldest first."""

    def of_decision(self, decision_id: str) -> Placed | None:
        """Return the record of a decision."""

    def prove(self, placed: Sequence[Placed], size: int) -> Sequence[Proof]:
        """Show that records are in the log of a size."""

    def keys_behind(self, after: Key, limit: int) -> Sequence[Key]:
        """Return which versions of cases have records, in their order, behind one of them."""

    def consistency(self, first: int, second: int) -> Sequence[bytes]:
        """Show that the log of a size is the beginning of that of a larger one."""


class Decisions(Protocol):
    """What cases says was decided."""

    def decided(self, after: Key, limit: int) -> Sequence[Decided]:
        """Return decided versions in the order of their keys, behind one of them."""


class Gaps(Protocol):
    """The gaps between cases and the log that are known, and told of."""

    def keep(
        self, after: Key, page: Page, found: Sequence[Gap], announce: AnnounceGaps, now: datetime
    ) -> None:
        """Keep the gaps of a page in place of those known of it, and announce the new ones."""


class Triaged(Protocol):
    """What cases says of those that went to a person."""

    def topics(self, days: Period) -> Sequence[Topic]:
        """Return what those submitted in some days are about, beside the thirty days before."""


class Looks(Protocol):
    """The days that were looked through for new topics, and what was found."""

    def is_done(self, day: date) -> bool:
        """Tell whether somebody looked at the days up to this one."""

    def keep(self, look: Look, announce: AnnounceTopic, now: datetime) -> None:
        """Keep a look, and announce what nobody was told of."""


class Visible(Protocol):
    """The keeper of cases, asked in the name of whoever calls us."""

    def check(self, case_id: str) -> None:
        """Refuse a case the caller may not see, in the words of a case that does not exist."""
