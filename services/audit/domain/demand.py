"""What citizens ask for, day by day: how much of it online services handle, and what they do not.

Counters stand in cells of a cube. A case is counted in eight of them: with its service, language
and region each told or summed up (`*`), so that a question reads few cells and never a case.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import product

from services.audit.domain.counting import ONLINE, CaseEvent, Tally, placement_after
from services.chassis.errors import InvalidError
from services.chassis.workdays import KAZAKHSTAN

ALL = "*"
MAX_DAYS = 366
USUAL_DAYS = 90

Cell = tuple[str, str, str, str]
"""Region, language, service and day."""


class GroupBy(StrEnum):
    """What the demand is told by, beside the day."""

    NONE = ""
    AGENCY = "agency"
    LIFE_EVENT = "life-event"
    LANGUAGE = "language"
    REGION = "region"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a case asks for, and the channel its service had when it was routed."""

    day: str
    language: str
    region: str
    service_id: str
    channel: str

    @property
    def tally(self) -> Tally:
        """Return what the case adds to its cells; nothing while it stands nowhere."""
        return Tally(1, int(self.channel == ONLINE)) if self.service_id else Tally()

    def cells(self) -> Iterable[Cell]:
        """Return the cells the case is counted in."""
        told = product((self.region, ALL), (self.language, ALL), (self.service_id, ALL))
        return [(*cell, self.day) for cell in told]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last."""

    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which cells to add up; `services` None asks for all, an empty filter for every value."""

    period: Period
    services: Collection[str] | None = None
    language: str = ""
    region: str = ""
    by: frozenset[str] = frozenset()
    """Which of service, language, region and day the sums are told by."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What the cells of a question come to; empty is what the question was not told by."""

    day: str
    service_id: str
    language: str
    region: str
    tally: Tally


def day_of(moment: datetime) -> str:
    """Return the day of a moment in Kazakhstan, as `2026-01-18`."""
    return moment.astimezone(KAZAKHSTAN).date().isoformat()


def period(start: str, end: str, today: date, *, most: int = MAX_DAYS) -> Period:
    """Return the days asked for; by themselves the last ninety up to today."""
    last = _date(end, "end_date") if end else today
    usual = last - min(timedelta(USUAL_DAYS - 1), last - date.min)
    first = _date(start, "start_date") if start else usual
    if not 0 <= (last - first).days < most:
        raise InvalidError(f"from 1 to {most} days, the first before the last", field="start_date")
    return Period(first, last)


def _date(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError("a date such as 2026-01-18", field=field) from error


def demand_after(before: Demand | None, event: CaseEvent) -> Demand | None:
    """Return what is known of a case's demand after an event; nothing once it is erased.

    Where the citizen named no language, it is the one the model saw in the text.
    """
    if event.is_erased:
        return None
    stands = placement_after(event)
    seen = event.decision.language if event.decision else ""
    return Demand(
        day=before.day if before else day_of(event.submit_time),
        language=event.language or seen or (before.language if before else ""),
        region=event.region,
        service_id=stands.service_id if stands else "",
        channel=stands.channel if stands else "",
    )


def follow(
    events: Iterable[CaseEvent], before: Mapping[str, Demand]
) -> Mapping[str, Demand | None]:
    """Return what the cases of a batch ask for after it, given what they asked for before."""
    after: dict[str, Demand | None] = {}
    for event in events:
        if event.is_known:
            known = after.get(event.case_id, before.get(event.case_id))
            after[event.case_id] = demand_after(known, event)
    return after


def cells(before: Mapping[str, Demand], after: Mapping[str, Demand | None]) -> Mapping[Cell, Tally]:
    """Return what changes in the cells: each case is taken off where it was and added anew."""
    changes: dict[Cell, Tally] = {}
    for case_id, demand in after.items():
        known = before.get(case_id)
        if known == demand:
            continue
        for one, sign in ((known, -1), (demand, 1)):
            if one is not None and one.tally.case_count:
                tally = one.tally if sign > 0 else -one.tally
                for cell in one.cells():
                    changes[cell] = changes.get(cell, Tally()) + tally
    return {cell: tally for cell, tally in changes.items() if tally != Tally()}
