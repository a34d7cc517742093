"""What questions of analysts have in common: of whom, in which days, and which day it is."""

from dataclasses import dataclass
from datetime import date

from services.audit.domain.facts import day_of
from services.audit.ports import Clock


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


def this_day(now: Clock) -> date:
    """Return which day it is in Kazakhstan."""
    return date.fromisoformat(day_of(now()))
