"""What the verbs of cases ask of the world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.cases.domain import (
    Case,
    CaseMessage,
    Moved,
    Opening,
    Reading,
    State,
    Step,
    Suggestion,
    Words,
)
from services.cases.domain.topics import Triaged
from services.chassis.principal import Principal

Clock = Callable[[], datetime]
Mask = Callable[[str], str]
Group = Callable[[Sequence[str]], Sequence[int]]
"""Puts masked texts that are about the same into groups; returns the number of each one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A request as it comes in."""

    request_id: str
    words: Words
    portal: str
    owner: str
    language: str | None
    region: str
    wish: Words | None = None
    """What is said beside the words to whoever decides."""
    ask_person: bool = False
    """Whether a person is to choose the service."""
    service_id: str = ""
    """The service that was chosen already."""


class Status(StrEnum):
    """What became of a change."""

    RECORDED = "recorded"
    REPEATED = "repeated"
    VERSION_CONFLICT = "version-conflict"
    STATE_CONFLICT = "state-conflict"
    NOT_FOUND = "not-found"
    NAME_REUSED = "name-reused"
    """The same request id stands already, with other words or terms."""


@dataclass(frozen=True, slots=True)
class Part:
    """A case to be split off, and where it may belong."""

    id: str
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Change:
    """A step wanted on a case, as of a version (0 is any), named for repetition."""

    case_id: str
    expected_version: int
    request_id: str
    move: Callable[[Case], Moved]
    may_know: Callable[[Case, bool], bool] = lambda case, again: True
    """Tells whether who wants it may know of the case, now or because the step stands already."""
    words: Words | None = None
    """What is said with the step; kept under the case's key."""
    terms: tuple[str, ...] = ()
    """What else the request says, such as its codes: with others it is no repetition."""
    part: Part | None = None
    """The case that the step splits off; then the words are its words."""
    keeps_answer: bool = False
    """Whether its repetition is told the case as this step left it, not as it is now."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a change, the case that is told of it, and why it was refused."""

    status: Status
    case: Case | None
    message: str = ""
    reason: str = ""
    child: Case | None = None
    """The case that was split off, as it began."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A version of a case that a decision led to."""

    case_id: str
    case_version: int
    decide_time: datetime


class Order(StrEnum):
    """In which order cases are listed."""

    NEWEST = "newest"
    DUE = "due"
    """What is due the soonest first, and only cases on which something is due."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases somebody asks for; before is the id of the last one already shown."""

    principal: Principal
    state: State | None
    office: str
    before: str
    limit: int
    number: str = ""
    service_id: str = ""
    due_before: datetime | None = None
    order: Order = Order.NEWEST
    due_after: datetime | None = None
    """When the last one already shown is due, in that order."""


@dataclass(frozen=True, slots=True)
class ReadingFilter:
    """Which readings somebody asks for; before is the id of the last one already shown."""

    case_id: str
    subject: str
    before: str
    limit: int


class Cases(Protocol):
    """The record of cases: a change and its event are kept together or not at all."""

    def add(self, submission: Submission) -> Case:
        """Accept a submission; the same request id within seven days gets the first case."""

    def apply(self, changes: Sequence[Change]) -> Sequence[Result]:
        """Apply changes to different cases; each stands or falls by itself."""

    def new_id(self) -> str:
        """Make the id of a case to come."""

    def get(self, case_ids: Sequence[str]) -> Mapping[str, Case]:
        """Find cases by id."""

    def list(self, wanted: Filter) -> Sequence[Case]:
        """Find cases, newest first."""


class History(Protocol):
    """What happened, and who read what."""

    def steps(self, case_id: str) -> Sequence[Step]:
        """Return the steps of a case, oldest first."""

    def decided(self, after: tuple[str, int], limit: int) -> Sequence[Decided]:
        """Return which versions of cases were decisions, in order, behind one of them."""

    def record_access(self, case_ids: Sequence[str], principal: Principal) -> None:
        """Record that somebody is about to read the words of these cases."""


class Readings(Protocol):
    """The record of who read what."""

    def readings(self, wanted: ReadingFilter) -> Sequence[Reading]:
        """Find readings, newest first."""


@dataclass(frozen=True, slots=True)
class Look:
    """That somebody looks at a case at their desk, at a time."""

    case_id: str
    desk: str
    subject: str
    time: datetime
    takes_over: bool = False


class Openings(Protocol):
    """Who has which case open now."""

    def open(self, look: Look, forgotten: datetime) -> Opening:
        """Open a case where nobody has since a time, or takes it over; return who has it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the key of a case opens: its words, and the salt of its commitments."""

    words: Words
    salt: bytes


class TriagedCases(Protocol):
    """The cases that went to a person."""

    def triaged(
        self, begin: datetime, end: datetime, language: str, limit: int
    ) -> Sequence[Triaged]:
        """Find those submitted from one moment up to another, newest first."""


class Vault(Protocol):
    """The citizens' words."""

    def open(self, case_ids: Sequence[str]) -> Mapping[str, Opened]:
        """Open those cases that still have their words."""

    def messages(self, case_id: str) -> Sequence[CaseMessage]:
        """Return what was said on a case since, oldest first; nothing where it was erased."""

    def erase(self, case_id: str) -> None:
        """Destroy the key of a case and what it sealed; nothing can undo it."""

    def pseudonym(self, subject: str) -> str:
        """Return the name a member of staff has in every decision of this installation."""
