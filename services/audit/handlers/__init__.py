"""What audit does: one function per call or batch that reaches it."""

from collections.abc import Sequence
from dataclasses import replace

from services.audit.domain import CaseEvent, Coverage, DecisionRecord, Tally
from services.audit.domain.proofs import (
    NoCheckpointError,
    Proven,
    Signed,
    UnknownDecisionError,
)
from services.audit.domain.reconciling import Comparison, Key, Page, compare, page_of
from services.audit.ports import Clock, Decisions, Follower, Ledger, Log, Registers, Visible
from services.chassis.errors import InvalidError

RECONCILED = 2000
"""So many decisions are compared at once."""


def record(events: Sequence[CaseEvent], *, ledger: Ledger) -> None:
    """Keep a record of every decision of a batch, and count where its cases stand."""
    ledger.record(events)


def follow(events: Sequence[CaseEvent], *, analyst: Follower) -> None:
    """Keep up what analysts are told with a batch."""
    analyst.record(events)


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


def checkpoint(size: int, *, log: Log) -> Signed:
    """Return the checkpoint of a size, or the latest."""
    if size < 0 or (found := log.checkpoint(size)) is None:
        raise NoCheckpointError(field="size")
    return found


def prove_decision(decision_id: str, size: int, *, log: Log) -> Proven:
    """Show that the record of a decision is in the log of a checkpoint."""
    signed = checkpoint(size, log=log)
    placed = log.of_decision(decision_id)
    if placed is None or placed.index >= signed.size:
        raise UnknownDecisionError(field="decision_id")
    return Proven(log.prove([placed], signed.size), signed)


def prove_case(case_id: str, *, log: Log, cases: Visible) -> Proven:
    """Show that the records of a case are in the log, to somebody who may see the case."""
    if not case_id:
        raise InvalidError("name a case", field="case_id")
    cases.check(case_id)
    signed = log.checkpoint()
    size = signed.size if signed else 0
    placed = log.of_case(case_id)
    sealed = [one for one in placed if one.index < size]
    return Proven(log.prove(sealed, size), signed if sealed else None, len(placed) - len(sealed))


def prove_consistency(first: int, second: int, *, log: Log) -> tuple[int, Sequence[bytes]]:
    """Show that the log of a size is the beginning of the log of a later checkpoint."""
    size = checkpoint(second, log=log).size
    if not 0 < first <= size:
        raise InvalidError(f"the smaller size is from 1 to {size}", field="first_size")
    return size, log.consistency(first, size)


def reconcile(after: Key, *, log: Log, decisions: Decisions, now: Clock) -> Comparison:
    """Compare a page of what cases decided with the log, both ways."""
    moment = now()
    return compare(page_behind(after, log=log, decisions=decisions), moment)


def page_behind(after: Key, *, log: Log, decisions: Decisions) -> Page:
    """Read what cases decided behind a key, and then what the log holds, as far as both are known.

    What one side holds behind the end of the other belongs to it: so a copy of cases that is older
    than the log is seen, and one that is empty.
    """
    decided = decisions.decided(after, RECONCILED)
    logged = log.keys_behind(after, RECONCILED)
    page = page_of(decided, logged, after, RECONCILED)
    if set(page.logged) <= {one.key for one in page.decided}:
        return page
    # It may have been decided since: cases is asked again before anything is called strange.
    again = decisions.decided(after, 2 * RECONCILED)
    return replace(page, decided=[one for one in again if one.key <= page.last])
