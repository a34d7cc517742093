"""What audit does: one function per call or batch that reaches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.audit.domain import CaseEvent, Coverage, DecisionRecord, Register, Tally
from services.audit.domain.coverage import BY, Offline, Series, chosen, offline, series
from services.audit.domain.demand import GroupBy, Question, period
from services.audit.domain.facts import day_of
from services.audit.domain.proofs import (
    NoCheckpointError,
    Proven,
    Signed,
    UnknownDecisionError,
)
from services.audit.domain.reconciling import Comparison, Key, compare
from services.audit.ports import Analyst, Clock, Decisions, Demands, Ledger, Log, Registers, Visible
from services.chassis.errors import InvalidError

RANKED = 100
MAX_RANKED = 1000
RECONCILED = 2000
"""So many decisions are compared at once."""


def record(events: Sequence[CaseEvent], *, ledger: Ledger) -> None:
    """Keep a record of every decision of a batch, and count where its cases stand."""
    ledger.record(events)


def follow(events: Sequence[CaseEvent], *, analyst: Analyst) -> None:
    """Keep up what analysts are told with a batch."""
    analyst.record(events)


def note_register(*, analyst: Analyst, registers: Registers, now: Clock) -> None:
    """Keep how many services are online today: the register itself tells of no other day."""
    analyst.note_register(day_of(now()), registers.latest())


def coverage(*, ledger: Ledger, registers: Registers) -> Coverage:
    """Tell how much of the demand online services handle, and how many services are online."""
    services, offices = ledger.coverage()
    total = sum((row.tally for row in services), start=Tally())
    return Coverage(total, services, offices, registers.latest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose demand, and in which days; empty for all, and for the usual days."""

    start_date: str = ""
    end_date: str = ""
    agency: str = ""
    life_event: str = ""
    language: str = ""
    region: str = ""
    service_id: str = ""


def coverage_series(
    asked: Asked, by: GroupBy, *, demands: Demands, registers: Registers, now: Clock
) -> Series:
    """Tell the coverage by day and group."""
    register = registers.latest()
    question = _question(asked, BY[by] | {"day"}, register, now)
    found = demands.sums(question)
    return series(found, by, register, question.services, question.period)


def offline_services(
    asked: Asked, limit: int, *, demands: Demands, registers: Registers, now: Clock
) -> Offline:
    """Rank the services that are not online by how many asked for them."""
    if not 0 <= limit <= MAX_RANKED:
        raise InvalidError(f"between 1 and {MAX_RANKED}", field="page_size")
    register = registers.latest()
    question = _question(asked, frozenset({"service_id"}), register, now)
    found = demands.sums(question)
    return offline(found, register, question.services, question.period, limit or RANKED)


def _question(asked: Asked, by: frozenset[str], register: Register, now: Clock) -> Question:
    today = date.fromisoformat(day_of(now()))
    return Question(
        period=period(asked.start_date, asked.end_date, today),
        services=chosen(register, asked.service_id, asked.agency, asked.life_event),
        language=asked.language,
        region=asked.region,
        by=by,
    )


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
    decided = decisions.decided(after, RECONCILED)
    is_last = len(decided) < RECONCILED
    last = decided[-1].key if decided else after
    # Up to the last decision even on the last page: what comes meanwhile is no stranger.
    logged = log.keys_between(after, last)
    return compare(decided, logged, moment, last=last, is_last=is_last)
