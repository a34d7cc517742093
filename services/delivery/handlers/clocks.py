"""What delivery does when time passes."""

from collections.abc import Sequence
from datetime import datetime

from services.chassis.errors import InvalidError
from services.chassis.workdays import Calendar
from services.delivery.domain.clocks import Alarm, LegalClock, Ring, Rulebook, ring, rung
from services.delivery.ports import Alarms, Clocks, Lateness

MOST_AT_ONCE = 500
MOST_ASKED = 200


def ring_due(
    now: datetime,
    *,
    clocks: Clocks,
    lateness: Lateness,
    rulebook: Rulebook,
    calendar: Calendar,
    most: int = MOST_AT_ONCE,
) -> bool:
    """Let the clocks ring whose time has come, a batch of them; tell whether there may be more.

    Cases hears first of what is overdue: it finds a repetition by its name, so that a
    failure between the two only means asking again.
    """
    due = clocks.due(now, most)
    rung: list[LegalClock] = []
    alarms: list[Alarm] = []
    for clock in _one_of_each_case(due):
        after, alarm = ring(clock, rulebook.of(clock.service_id), calendar, now)
        rung.append(after)
        if alarm:
            alarms.append(alarm)
    if rung:
        overdue = [alarm for alarm in alarms if alarm.ring is Ring.OVERDUE]
        stands = lateness.tell(overdue) if overdue else frozenset()
        clocks.advance(rung, [one for one in alarms if _is_true(one, stands)])
    goes_on = any(clock.next_time is not None and clock.next_time <= now for clock in rung)
    return goes_on or len(due) == most or len(rung) < len(due)


def alarm_counts(*, alarms: Alarms) -> Sequence[tuple[str, dict[Ring, int]]]:
    """Return how often each office was late, by the codes of the offices."""
    return sorted(alarms.counts().items())


def alarms_of(
    case_ids: Sequence[str],
    offices: frozenset[str],
    *,
    clocks: Clocks,
    rulebook: Rulebook,
    calendar: Calendar,
) -> Sequence[Alarm]:
    """Return what rang on cases and runs on, of those that one of the caller's offices holds."""
    if len(case_ids) > MOST_ASKED:
        raise InvalidError(f"at most {MOST_ASKED} cases at once", field="case_ids")
    held = [clock for clock in clocks.of(case_ids) if clock.office and clock.office in offices]
    told = (rung(clock, rulebook.of(clock.service_id), calendar) for clock in held)
    return [alarm for alarm in told if alarm is not None]


def _one_of_each_case(due: Sequence[LegalClock]) -> Sequence[LegalClock]:
    """Return the first clock of each case: of two that ring at once the second waits its turn."""
    return list({clock.case_id: clock for clock in reversed(due)}.values())


def _is_true(alarm: Alarm, stands: frozenset[str]) -> bool:
    """Tell whether an alarm is still to be raised: a case that moved on is not overdue."""
    return alarm.ring is not Ring.OVERDUE or alarm.case_id in stands
