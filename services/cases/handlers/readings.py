"""Citizens' words, read by who may, and the record of who read them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile

from services.cases.domain import CaseMessage, Reading, Step, Words
from services.cases.handlers.pages import id_of, page_size_of, token_of
from services.cases.handlers.record import visible
from services.cases.ports import Cases, Clock, History, ReadingFilter, Readings, Vault
from services.chassis.errors import NotFoundError
from services.chassis.principal import Principal, Role

RECENT = timedelta(minutes=15)
"""Who read the words of a case so long ago may be at work on it."""
LOOKED_THROUGH = 50
"""So many of the newest readings of a case are looked through for others'."""


def read_text(
    principal: Principal, case_id: str, *, cases: Cases, history: History, vault: Vault
) -> tuple[Words, Sequence[CaseMessage]]:
    """Return what was said on a case to somebody who may read it, and record that they did.

    Where the citizen wants answers is no officer's affair: it is for notices alone.
    """
    case = visible(principal, case_id, cases)
    history.record_access([case.id], principal)
    opened = vault.open([case.id]).get(case.id)
    if opened is None:
        raise NotFoundError("the words of this case were erased", reason="WORDS_ERASED")
    is_officer = principal.role is Role.OFFICER
    words = replace(opened.words, contact="") if is_officer else opened.words
    return words, vault.messages(case.id)


def recent_readings(
    principal: Principal, case_id: str, *, readings: Readings, history: History, now: Clock
) -> Sequence[Reading]:
    """Return which other officers read a case's words just now, each once, newest first.

    Nobody but an officer of the office that holds it is told, and of nobody who read them before
    it came there: who works at another office is no affair of this one.
    """
    if principal.role is not Role.OFFICER:
        return ()
    came = _came(history.steps(case_id))
    since = max(came, now() - RECENT)
    found: dict[str, Reading] = {}
    for one in readings.readings(ReadingFilter(case_id, "", "", LOOKED_THROUGH)):
        is_other = one.role == Role.OFFICER and one.subject != principal.subject
        if is_other and one.access_time > since:
            found.setdefault(one.subject, one)
    return tuple(found.values())


def _came(steps: Sequence[Step]) -> datetime:
    """Return when a case came to the office that holds it."""
    office = steps[-1].office
    held = takewhile(lambda step: step.office == office, reversed(steps))
    return list(held)[-1].event_time


def list_readings(
    *, page_size: int, page_token: str, case_id: str, subject: str, readings: Readings
) -> tuple[Sequence[Reading], str]:
    """Return a page of who read citizens' words, newest first, and the next page's token."""
    size = page_size_of(page_size)
    before = id_of(page_token)
    found = readings.readings(ReadingFilter(case_id, subject, before, size + 1))
    token = token_of(found[size - 1].id) if len(found) > size else ""
    return found[:size], token
