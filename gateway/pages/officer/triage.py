"""Sorting: the cases that wait for a choice, and one of them with what the AI thinks of it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.http.session import CaseId
from gateway.pages.languages import PREFIX
from gateway.pages.marks import marked
from gateway.pages.officer.attempt import LOOK, Attempt
from gateway.pages.officer.blind import impartial, is_blind, was_blind
from gateway.pages.officer.likely import LEAST_PROBABILITY, likely
from gateway.pages.officer.presence import TAKEN, colleague_at
from gateway.pages.officer.queue import Asked, listed, request_of, row_words
from gateway.pages.officer.search import find
from gateway.pages.officer.story import since, story_of
from gateway.pages.visit import Visit, Visiting
from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.errors import NotFoundError

router = APIRouter(prefix=PREFIX, include_in_schema=False)

VIEWS: Mapping[str, str] = {
    "todo": N_("To sort"),
    "late": N_("Late"),
    "soon": N_("Due soon"),
    "asked": N_("The citizen chooses"),
    "all": N_("All"),
}
DONE: Mapping[str, str] = {
    "assign": N_("The case is sent on. The citizen is told."),
    "nothing": N_("The case is closed: no public service fits. The citizen is told."),
    "split": N_("The part is a case of its own now, and goes its own way."),
    "open": TAKEN,
}
STATE_OF_VIEW: Mapping[str, pb.State.ValueType] = {
    "todo": pb.STATE_TRIAGED,
    "late": pb.STATE_TRIAGED,
    "soon": pb.STATE_TRIAGED,
    "asked": pb.STATE_CONFIRMATION_REQUESTED,
}
FEWEST = 2
"""So many are offered, however little the AI thinks of them."""
CHOOSABLE = (pb.STATE_TRIAGED, pb.STATE_CONFIRMATION_REQUESTED, pb.STATE_RETURNED)


@router.get("/triage")
async def queue(visit: Visiting, wanted: Asked) -> Response:
    """Show the cases that wait for a choice, what is due first."""
    known = await visit.pages.register.current(visit.session)
    now = visit.pages.now()
    asked = request_of(wanted, visit, now, VIEWS, STATE_OF_VIEW)
    cases, more, is_number_wrong = await listed(visit, asked)
    if wanted.is_by_number and len(cases) == 1:
        return visit.go(f"/triage/cases/{cases[0].id}")
    return visit.page(
        "officer/triage.html",
        400 if is_number_wrong else 200,
        wanted=wanted,
        view=wanted.view_among(VIEWS),
        views=VIEWS,
        cases=cases,
        more=more,
        is_number_wrong=is_number_wrong,
        likely=likely,
        is_blind=is_blind,
        done=DONE.get(wanted.done, ""),
        **row_words(visit, known, now),
    )


@router.get("/triage/cases/{case_id}")
async def case_page(
    visit: Visiting,
    case_id: CaseId,
    find: Annotated[str, Query(max_length=400)] = "",
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show a case without personal data, the best services, and a search for others."""
    return await show(visit, case_id, query=find, done=DONE.get(done, ""))


async def show(
    visit: Visit, case_id: str, attempt: Attempt = LOOK, *, query: str = "", done: str = ""
) -> Response:
    """Show a case as it is now, with what somebody tried to do with it."""
    clients = visit.session.clients
    try:
        case, text = await asyncio.gather(
            visit.call(clients.cases.GetCase, pb.GetCaseRequest(case_id=case_id)),
            visit.call(
                clients.cases.BatchGetMaskedText,
                pb.BatchGetMaskedTextRequest(case_ids=[case_id], include_messages=True),
            ),
        )
    except NotFoundError:
        again = attempt.again
        return visit.page("officer/gone.html", 404, again=again, attempt=attempt, queue="/triage")
    case = case.case
    known = await visit.pages.register.current(visit.session)
    found = await find(visit, query or attempt.fields.get("find", ""), known)
    story = story_of(case, impartial(case, text.texts[0].messages) if text.texts else ())
    is_choosable = case.state in CHOOSABLE
    masked = text.texts[0].text if text.texts else ""
    grounds = pb.Explanation() if is_blind(case) else case.decision.explanation
    return visit.page(
        "officer/sort.html",
        attempt.status,
        again=attempt.again,
        case=case,
        story=story,
        news=since(story, attempt.seen) if attempt.is_late else (),
        pieces=marked(masked, grounds) if masked else (),
        attempt=attempt,
        found=found,
        offers=() if is_blind(case) else _offers(case),
        is_blind=is_blind(case),
        was_blind=was_blind(case),
        is_choosable=is_choosable,
        colleague=await colleague_at(visit, case_id) if is_choosable else None,
        likely=likely,
        done=done,
        **row_words(visit, known, visit.pages.now()),
    )


def _offers(case: pb.Case) -> Sequence[pb.Alternative]:
    """Return what the AI offers, best first, and what the office that returned it thinks of."""
    alternatives = case.decision.alternatives
    offers = [
        one
        for place, one in enumerate(alternatives)
        if place < FEWEST or one.probability >= LEAST_PROBABILITY
    ]
    meant = case.suggested_service_id
    if meant and meant not in {one.service_id for one in offers}:
        offers.insert(0, pb.Alternative(service_id=meant))
    return offers
