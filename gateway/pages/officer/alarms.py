"""What rang on the cases of a list: reminders, and what was not done in time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.pages.visit import Visit
from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2
from qyzmet.delivery.v1 import delivery_pb2 as pb
from services.chassis.codec import from_timestamp
from services.chassis.errors import ServiceError

NOT_DONE: Mapping[str, str] = {
    "acknowledgement": N_("Nobody has answered since it came"),
    "receipt": N_("Not registered in time: accept it, ask, or return it"),
    "pass-on": N_("Neither accepted nor passed on in time"),
}
"""What is late beside the term, of which the row tells anyway."""
REMINDERS: Mapping[str, str] = {
    "receipt": N_("Reminder to accept it, ask, or return it. Last day:"),
    "pass-on": N_("Reminder to accept it or pass it on. Last day:"),
    "term": N_("Reminder to complete it. Last day:"),
}
PATIENCE_SECONDS = 1.0
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rang:
    """One line of what rang."""

    what: str
    until: datetime | None
    """A moment of the last day; none where that has passed."""


async def rang(visit: Visit, cases: Sequence[cases_pb2.Case]) -> Mapping[str, Sequence[Rang]]:
    """Return what rang on cases, by their ids; nothing where that cannot be told now.

    A list must not wait for clocks, nor fail with them.
    """
    if not cases:
        return {}
    request = pb.BatchGetAlarmsRequest(case_ids=[case.id for case in cases])
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            told = await visit.call(visit.session.clients.delivery.BatchGetAlarms, request)
    except (ServiceError, TimeoutError):
        return {}
    found: dict[str, list[Rang]] = {}
    for alarm in told.alarms:
        if line := _line(alarm):
            found.setdefault(alarm.case_id, []).append(line)
    return found


def _line(alarm: pb.Alarm) -> Rang | None:
    """Return what an officer is told of an alarm; nothing of a term, which its row tells."""
    if alarm.share:
        words = REMINDERS.get(alarm.clock)
        return Rang(words, from_timestamp(alarm.due_time) - MOMENT) if words else None
    words = NOT_DONE.get(alarm.clock)
    return Rang(words, None) if words else None
