"""Decisions, found by whoever looks into how things are decided."""

from dataclasses import dataclass

from services.audit.domain.demand import period
from services.audit.domain.finding import Finding, Search, page_size_of, place_of
from services.audit.handlers.asking import this_day
from services.audit.ports import Clock, Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which decisions somebody asks for; empty for all, and for the usual days."""

    start_date: str = ""
    end_date: str = ""
    service_id: str = ""
    outcome: str = ""
    language: str = ""
    model: str = ""
    page_size: int = 0
    page_token: str = ""


def find_decisions(wanted: Wanted, *, found: Found, now: Clock) -> Finding:
    """Find a page of decisions that were taken in some days, newest first."""
    search = Search(
        period=period(wanted.start_date, wanted.end_date, this_day(now)),
        service_id=wanted.service_id,
        outcome=wanted.outcome,
        language=wanted.language,
        model=wanted.model,
        after=place_of(wanted.page_token),
        limit=page_size_of(wanted.page_size),
    )
    decisions, behind = found.decisions(search)
    return Finding(search.period, tuple(decisions), behind.token if behind else "")
