"""The legal clock of a case: until when, and how many working days are left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.codec import from_timestamp
from services.chassis.workdays import Calendar, last_day

SOON_DAYS = 3
"""What is due within so many working days is due soon."""
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """What is due on a case by law."""

    manner: str
    """"late", "today", "soon", "later", "still" while the citizen is asked, or "none"."""
    days: int = 0
    """Working days left, or passed where it is late."""
    until: datetime | None = None
    """A moment of the last day."""


def clock_of(case: pb.Case, calendar: Calendar, now: datetime) -> Clock:
    """Return the clock of a case."""
    if not case.HasField("due_time"):
        asked = (pb.STATE_INFORMATION_REQUESTED, pb.STATE_CONFIRMATION_REQUESTED)
        return Clock("still" if case.state in asked else "none")
    due = from_timestamp(case.due_time)
    until = due - MOMENT
    if due <= now:
        return Clock("late", calendar.days_left(due - MOMENT, now + MOMENT), until)
    days = calendar.days_left(now, due)
    if last_day(due) == last_day(now + MOMENT):
        return Clock("today", 0, until)
    return Clock("soon" if days <= SOON_DAYS else "later", days, until)


def soon(calendar: Calendar, now: datetime) -> datetime:
    """Return the moment before which is due what is due soon."""
    return calendar.end_of_term(now, SOON_DAYS) + MOMENT
