"""Clocks of cases: what starts and stops them, and when they ring.

A clock belongs to a stage of a case and is started by the event that begins it. It
rings at moments told by rules; what rang while nobody listened rings once, at the
latest of its moments that have passed, but for the first that tells of lateness: its
citizen is told of that one. While an office asks the citizen, the days it
has to pass the case on stand still; with the answer what is left of them runs on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from services.chassis.story import KNOWN_TYPES, State
from services.chassis.workdays import Calendar
from services.delivery.domain import CaseEvent

PASS_ON_DAYS = 3
"""Within so many working days an office passes on what is not its own (article 65)."""
NEUTRAL = frozenset(f"kz.qyzmet.case.{name}.v1" for name in ("split", "rated", "overdue"))
"""Events that begin no stage: every clock runs on."""
ROUTED = "kz.qyzmet.case.routed.v1"
ASKED = "kz.qyzmet.case.information-requested.v1"
ANSWERED = "kz.qyzmet.case.information-provided.v1"
UNPLACED = frozenset({State.SUBMITTED, State.TRIAGED, State.RETURNED})


class Kind(StrEnum):
    """What a clock is for."""

    ACKNOWLEDGEMENT = "acknowledgement"
    RECEIPT = "receipt"
    PASS_ON = "pass-on"  # noqa: S105  what is passed on is a case
    TERM = "term"


class Ring(StrEnum):
    """What it tells when it rings."""

    UNACKNOWLEDGED = "unacknowledged"
    REMINDER = "reminder"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When clocks ring."""

    acknowledge_minutes: int = 60
    reminders: tuple[float, ...] = (0.5, 0.8)
    escalation_days: tuple[int, ...] = (0, 3, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules of all services."""

    general: Rules = Rules()
    services: Mapping[str, Rules] = field(default_factory=dict)

    def of(self, service_id: str) -> Rules:
        """Return the rules of a service."""
        return self.services.get(service_id, self.general)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time at which a clock rings: a share of its time, or a level of lateness."""

    time: datetime
    ring: Ring
    share: float = 0.0
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalClock:
    """A clock of a case; `step` counts the moments that have passed.

    One that stands still began to at its start, and keeps when it would have been due.
    """

    case_id: str
    kind: Kind
    case_version: int
    office: str
    service_id: str
    start_time: datetime
    due_time: datetime
    step: int = 0
    next_time: datetime | None = None
    """When it rings next; never, once it is silent."""


Running = Mapping[Kind, LegalClock]
"""The clocks of a case, by what they are for."""
NONE: Running = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A clock that rang; fields as in delivery.proto."""

    case_id: str
    case_version: int
    ring: Ring
    clock: Kind
    office: str
    service_id: str
    share: float
    level: int
    due_time: datetime
    raise_time: datetime

    @property
    def name(self) -> str:
        """Name the alarm within its case: the same clock never rings the same twice."""
        return f"{self.clock}:{self.case_version}:{self.ring}:{self.level or self.share}"


def starts(
    event: CaseEvent, rules: Rules, calendar: Calendar, running: Running = NONE
) -> Sequence[LegalClock] | None:
    """Return the clocks that run after an event, of which some may run already; None changes none.

    What ran before and is not among them is stopped.
    """
    began = event.event_time
    if event.type in NEUTRAL or event.type not in KNOWN_TYPES or began is None:
        return None
    due: dict[Kind, datetime] = {}
    if event.state in UNPLACED and event.due_time:
        due[Kind.PASS_ON] = event.due_time
    if event.state in (State.ROUTED, State.ACCEPTED) and event.due_time:
        due[Kind.TERM] = event.due_time
    if event.type == ROUTED:
        due[Kind.ACKNOWLEDGEMENT] = began + timedelta(minutes=rules.acknowledge_minutes)
        due[Kind.RECEIPT] = calendar.end_of_term(began, 0)
        due[Kind.PASS_ON] = calendar.end_of_term(began, PASS_ON_DAYS)
    pass_on = running.get(Kind.PASS_ON)
    if pass_on and event.type == ASKED:
        return [replace(pass_on, start_time=began, next_time=None)]
    if pass_on and event.type == ANSWERED:
        left = calendar.days_left(pass_on.start_time, pass_on.due_time)
        due[Kind.PASS_ON] = calendar.end_of_term(began, left)
    return [_wound(_clock(event, kind, began, end), rules, calendar) for kind, end in due.items()]


def moments(clock: LegalClock, rules: Rules, calendar: Calendar) -> Iterator[Moment]:
    """Give the moments at which a clock rings, in order: each share comes before it is due."""
    if clock.kind is Kind.ACKNOWLEDGEMENT:
        yield Moment(clock.due_time, Ring.UNACKNOWLEDGED)
        return
    span = clock.due_time - clock.start_time
    for share in rules.reminders:
        yield Moment(clock.start_time + span * share, Ring.REMINDER, share=share)
    for level, days in enumerate(rules.escalation_days, 1):
        late = clock.due_time - timedelta(microseconds=1)
        time = calendar.end_of_term(late, days) if days else clock.due_time
        yield Moment(time, Ring.OVERDUE, level=level)


def ring(
    clock: LegalClock, rules: Rules, calendar: Calendar, now: datetime
) -> tuple[LegalClock, Alarm | None]:
    """Return a clock as it goes on after now, and the alarm it raises, if its time has come."""
    passed = [moment for moment in moments(clock, rules, calendar) if moment.time <= now]
    late = [number for number, moment in enumerate(passed, 1) if moment.ring is Ring.OVERDUE]
    if late and late[0] > clock.step:
        passed = passed[: late[0]]  # the levels after it ring in their turn
    # A clock of the machine that jumps back does not bring back what has rung.
    after = _wound(replace(clock, step=max(clock.step, len(passed))), rules, calendar)
    if len(passed) <= clock.step:
        return after, None
    return after, _alarm(clock, passed[-1], now)


def rung(clock: LegalClock, rules: Rules, calendar: Calendar) -> Alarm | None:
    """Return what a clock told last, if it rang and does not stand still."""
    passed = list(islice(moments(clock, rules, calendar), clock.step + 1))
    is_still = clock.next_time is None and len(passed) > clock.step
    if not clock.step or is_still:
        return None
    newest = passed[min(clock.step, len(passed)) - 1]
    return _alarm(clock, newest, newest.time)


def _alarm(clock: LegalClock, moment: Moment, now: datetime) -> Alarm:
    return Alarm(
        case_id=clock.case_id,
        case_version=clock.case_version,
        ring=moment.ring,
        clock=clock.kind,
        office=clock.office,
        service_id=clock.service_id,
        share=moment.share,
        level=moment.level,
        due_time=clock.due_time,
        raise_time=now,
    )


def _clock(event: CaseEvent, kind: Kind, began: datetime, due: datetime) -> LegalClock:
    return LegalClock(
        case_id=event.case_id,
        kind=kind,
        case_version=event.case_version,
        office=event.office,
        service_id=event.service_id,
        start_time=began,
        due_time=due,
    )


def _wound(clock: LegalClock, rules: Rules, calendar: Calendar) -> LegalClock:
    following = next(islice(moments(clock, rules, calendar), clock.step, None), None)
    return replace(clock, next_time=following.time if following else None)
