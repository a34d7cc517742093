"""What the verbs of routing ask of the world."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.routing.domain import Case, Catalogue, Classification, Decision, Facts, State

Clock = Callable[[], datetime]

Classify = Callable[[Sequence[str]], Sequence[Classification]]
"""Says of each text which services it may speak of."""

CurrentCatalogue = Callable[[], Catalogue]
"""Gives the register as it is known now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A case as it is now, and its masked words; empty where they were erased."""

    case_id: str
    case_version: int
    state: State
    text: str = ""
    region: str = ""
    returned_by: tuple[str, ...] = ()
    suggested_service_id: str = ""
    suggested_office: str = ""
    chosen_service_id: str = ""

    @property
    def facts(self) -> Facts:
        """Return what a decision depends on beside the text."""
        return Facts(
            undecided_id=self.case_id if self.state is State.SUBMITTED else "",
            region=self.region,
            returned_by=self.returned_by,
            suggested_service_id=self.suggested_service_id,
            suggested_office=self.suggested_office,
            chosen_service_id="" if self.returned_by else self.chosen_service_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A decision for a case as of a version, named for repetition."""

    case_id: str
    expected_version: int
    request_id: str
    decision: Decision
    region: str = ""
    choice: str = ""
    """What a person chose by this name; empty where nobody did."""


class Status(StrEnum):
    """What became of a decision."""

    RECORDED = "recorded"
    REPEATED = "repeated"
    VERSION_CONFLICT = "version-conflict"
    STATE_CONFLICT = "state-conflict"
    NOT_FOUND = "not-found"
    NAME_REUSED = "name-reused"
    """The name stands already, for another choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a decision, and the case as it is now."""

    case_id: str
    status: Status
    case: Case | None = None


class CaseBatches(Protocol):
    """Cases, many at once, as routing itself sees them."""

    def waiting(self, case_ids: Sequence[str]) -> Sequence[Waiting]:
        """Return those cases that exist, with their masked words."""

    def repeated(self, case_id: str, request_id: str, choice: str, region: str) -> Result:
        """Tell whether a decision of this name stands already, for this choice or another."""

    def record(self, wanted: Sequence[Wanted]) -> Sequence[Result]:
        """Record decisions on different cases; each stands or falls by itself."""


class OneCase(Protocol):
    """One case, as the running call's caller sees it."""

    def get(self, case_id: str) -> Case:
        """Return a case the caller may see."""

    def repeated(self, case_id: str, request_id: str, choice: str, region: str) -> Result:
        """Tell whether a decision of this name stands already, for this choice or another."""

    def record(self, wanted: Sequence[Wanted]) -> Sequence[Result]:
        """Record decisions on different cases; each stands or falls by itself."""
