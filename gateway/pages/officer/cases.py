"""A case on one screen: what it is about, where it stands, why it is here, what can be done."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.http.session import CaseId
from gateway.pages.languages import PREFIX
from gateway.pages.marks import marked_in_own_words
from gateway.pages.officer.attempt import LOOK, Attempt
from gateway.pages.officer.likely import LEAST_PROBABILITY, likely
from gateway.pages.officer.presence import TAKEN, colleague_at
from gateway.pages.officer.queue import row_words
from gateway.pages.officer.search import NOTHING, find
from gateway.pages.officer.story import since, story_of
from gateway.pages.visit import Visit, Visiting
from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.errors import NotFoundError

router = APIRouter(prefix=PREFIX, include_in_schema=False)

RETURN_REASONS: Mapping[str, str] = {
    "NOT_COMPETENT": N_("Not ours to decide"),
    "WRONG_REGION": N_("Another region"),
    "INSUFFICIENT_INFORMATION": N_("It says too little"),
    "DUPLICATE": N_("Registered already"),
    "OTHER": N_("Another reason"),
}
REFUSED = "REFUSED"
"""An end that needs words: whoever reads them is to know why."""
OUTCOMES: Mapping[str, str] = {
    "GRANTED": N_("Granted"),
    REFUSED: N_("Refused"),
    "EXPLAINED": N_("Explained"),
}
QUESTIONS: Mapping[str, str] = {
    "DETAILS_NEEDED": N_("Details are needed"),
    "DOCUMENT_MISSING": N_("A document is missing"),
}
DONE: Mapping[str, str] = {
    "accept": N_("You accepted the case. The citizen is told."),
    "ask": N_("Your question is sent. The case waits for the answer, and its clock stands still."),
    "split": N_("The part is a case of its own now, and goes its own way."),
    "open": TAKEN,
}
HOLDS: Mapping[str, int] = {
    "accept": pb.STATE_ACCEPTED,
    "ask": pb.STATE_INFORMATION_REQUESTED,
}
"""In which state it is still true; a page may be loaded anew when the case has moved on."""
MOVES: Mapping[str, frozenset[int]] = {
    "accept": frozenset({pb.STATE_ROUTED}),
    "ask": frozenset({pb.STATE_ROUTED, pb.STATE_ACCEPTED}),
    "return": frozenset({pb.STATE_ROUTED, pb.STATE_ACCEPTED, pb.STATE_INFORMATION_REQUESTED}),
    "split": frozenset({pb.STATE_ROUTED, pb.STATE_ACCEPTED, pb.STATE_INFORMATION_REQUESTED}),
}
"""In which states each thing can be done."""


@router.get("/office/cases/{case_id}")
async def case_page(
    visit: Visiting,
    case_id: CaseId,
    read: Annotated[str, Query(max_length=1)] = "",
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show a case; its words only where they are asked for, since each reading is recorded."""
    return await show(visit, case_id, read=bool(read), done=done)


async def show(
    visit: Visit, case_id: str, attempt: Attempt = LOOK, *, read: bool = False, done: str = ""
) -> Response:
    """Show a case as it is now, with what somebody tried to do with it."""
    clients = visit.session.clients
    try:
        request = pb.GetCaseRequest(case_id=case_id)
        case = (await visit.call(clients.cases.GetCase, request)).case
    except NotFoundError:
        again = attempt.again
        return visit.page("officer/gone.html", 404, again=again, attempt=attempt, queue="/office")
    known = await visit.pages.register.current(visit.session)
    can = {*_possible(case)}
    words, colleague, found = await asyncio.gather(
        _words(visit, case_id) if read else _nobody(),
        colleague_at(visit, case_id) if can else _nobody(),
        find(visit, attempt.typed(attempt.verb, "find"), known) if attempt.verb else _nothing(),
    )
    story = story_of(case, words.messages if words else ())
    return visit.page(
        "officer/case.html",
        attempt.status,
        again=attempt.again,
        case=case,
        story=story,
        news=since(story, attempt.seen) if attempt.is_late else (),
        words=words,
        colleague=colleague,
        pieces=marked_in_own_words(words.text, case.decision.explanation) if words else (),
        is_reading=read,
        attempt=attempt,
        found=found,
        can=can,
        runners=_runners(case),
        likely=likely,
        done=_told(done, case.state),
        return_reasons=RETURN_REASONS,
        outcomes=OUTCOMES,
        questions=QUESTIONS,
        **row_words(visit, known, visit.pages.now()),
    )


def _told(done: str, state: int) -> str:
    """Return what is said of what was done just before, as long as it is true."""
    return DONE.get(done, "") if HOLDS.get(done, state) == state else ""


async def _words(visit: Visit, case_id: str) -> pb.GetCaseTextResponse | None:
    """Read the citizen's words, which is recorded; none where they were erased."""
    request = pb.GetCaseTextRequest(case_id=case_id)
    try:
        found: pb.GetCaseTextResponse = await visit.call(
            visit.session.clients.cases.GetCaseText, request
        )
    except NotFoundError:
        return None
    return found


async def _nobody() -> None:
    return None


async def _nothing() -> Any:
    return NOTHING


def _runners(case: pb.Case) -> list[pb.Alternative]:
    """Return what the AI thought of beside the service that has it, where it did so at all."""
    return [
        one
        for one in case.decision.alternatives
        if one.service_id != case.service_id and one.probability >= LEAST_PROBABILITY
    ]


def _possible(case: pb.Case) -> list[str]:
    found = [verb for verb, states in MOVES.items() if case.state in states]
    return [*found, "complete"] if _is_accepted(case) else found


def _is_accepted(case: pb.Case) -> bool:
    """Tell whether the office works on it, also while it waits for the citizen."""
    if case.state == pb.STATE_INFORMATION_REQUESTED:
        taken = [one.type for one in case.timeline if one.type in ("routed", "accepted")]
        return taken[-1:] == ["accepted"]
    return bool(case.state == pb.STATE_ACCEPTED)
