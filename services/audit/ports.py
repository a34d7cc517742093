"""What the verbs of audit ask of the world."""

from collections.abc import Sequence
from typing import Protocol

from services.audit.domain import CaseEvent, DecisionRecord, Register, Row


class Ledger(Protocol):
    """The record of decisions, and the counters kept along with it."""

    def record(self, events: Sequence[CaseEvent]) -> None:
        """Keep the decisions of what is new and count where its cases stand."""

    def coverage(self) -> tuple[Sequence[Row], Sequence[Row]]:
        """Return the counters by service and by office, most cases first."""

    def decisions(self, case_id: str) -> Sequence[DecisionRecord]:
        """Return the decisions on a case, oldest first."""


class Registers(Protocol):
    """The register of services, as far as it is known here."""

    def latest(self) -> Register:
        """Return what is known of it; NoRegisterError if it was never reached."""
