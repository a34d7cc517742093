"""What audit does: one function per call or batch that reaches it."""

from collections.abc import Sequence

from services.audit.domain import CaseEvent, Coverage, DecisionRecord, Tally
from services.audit.ports import Ledger, Registers
from services.chassis.errors import InvalidError


def record(events: Sequence[CaseEvent], *, ledger: Ledger) -> None:
    """Keep a record of every decision of a batch, and count where its cases stand."""
    ledger.record(events)


def coverage(*, ledger: Ledger, registers: Registers) -> Coverage:
    """Tell how much of the demand online services handle, and how many services are online."""
    services, offices = ledger.coverage()
    total = sum((row.tally for row in services), start=Tally())
    return Coverage(total, services, offices, registers.latest())


def decisions(case_id: str, *, ledger: Ledger) -> Sequence[DecisionRecord]:
    """Return the decisions on one case, oldest first."""
    if not case_id:
        raise InvalidError("name a case", field="case_id")
    return ledger.decisions(case_id)
