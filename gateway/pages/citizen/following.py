"""Following a request: all that happened, who holds it, why, until when; a list of one's own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.http.fields import MAX_TEXT
from gateway.http.session import CaseId
from gateway.pages.citizen.choosing import PERSON
from gateway.pages.citizen.receipts import get_case
from gateway.pages.citizen.story import REFUSED, TYPES, end_of, state_words
from gateway.pages.citizen.why import why
from gateway.pages.citizen.wishes import ENDED, HELD, OPEN, new_key
from gateway.pages.languages import PREFIX
from gateway.pages.navigation import CITIZENS
from gateway.pages.visit import Visit, Visiting
from gateway.pages.watch import LOOK
from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.errors import InvalidError, NotFoundError

router = APIRouter(prefix=PREFIX, include_in_schema=False)

PAGE_SIZE = 20
WORDS_ERASED = "WORDS_ERASED"
WRONG_NUMBER = N_("This is no number of a receipt. Check its digits.")
DONE = {
    "answered": N_("Your answer was sent."),
    "confirmed": N_("Your choice was sent."),
    "withdrawn": N_("The request is withdrawn."),
    "objected": N_("A person will decide in the place of the AI."),
    "reopened": N_("The request is open again."),
    "rated": N_("Thank you for your opinion."),
}
HOLDS: Mapping[str, frozenset[int]] = {
    "withdrawn": frozenset({pb.STATE_WITHDRAWN}),
    "rated": frozenset({pb.STATE_COMPLETED}),
}
"""In which states it is still true; all else until the case ends. A page may be loaded anew."""
WANTING = {
    "answer": N_("Write your answer."),
    "stars": N_("Choose from 1 to 5."),
    "region": N_("Choose your region."),
    "service": N_("Choose a service, or ask a person."),
    "length": N_("This is longer than 4,000 characters. Say it in fewer words."),
}
STREAM = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Word = Annotated[str, Query(max_length=32)]
Chosen = Annotated[str, Query(max_length=256)]
"""The service they chose before something was found wanting."""


@router.get("/cases")
async def own_cases(
    visit: Visiting,
    after: Annotated[str, Query(max_length=512)] = "",
    number: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """List the requests of whoever signed in, newest first."""
    request = pb.ListCasesRequest(page_size=PAGE_SIZE, page_token=after, number=number.strip())
    wrong = ""
    try:
        found = await visit.call(visit.session.clients.cases.ListCases, request)
    except InvalidError:
        found, wrong = pb.ListCasesResponse(), visit.words(WRONG_NUMBER)
    return visit.page(
        "citizen/cases.html",
        422 if wrong else 200,
        pb=pb,
        found=found,
        number=number,
        wrong=wrong,
        state=lambda case: visit.words(state_words(case)),
        register=await visit.pages.register.at_hand(visit.session),
    )


@router.get("/cases/{case_id}")
async def follow(
    visit: Visiting,
    case_id: CaseId,
    *,
    done: Word = "",
    wanting: Word = "",
    service: Chosen = "",
    region: Word = "",
) -> Response:
    """Show a request, all that happened to it, and what its citizen may do now."""
    case = await get_case(visit, case_id)
    is_own = visit.session.principal.role in CITIZENS
    said = await _text(visit, case) if is_own else pb.GetCaseTextResponse()
    text = said or pb.GetCaseTextResponse()
    return visit.page(
        "citizen/case.html",
        pb=pb,
        case=case,
        text=text,
        is_erased=said is None,
        why=why(text.text, case.decision.explanation) if text.text else None,
        register=await visit.pages.register.at_hand(visit.session),
        done=_told(visit, done, case.state),
        wrong=visit.words(WANTING[wanting]) if wanting in WANTING else "",
        wanting=wanting,
        chosen=(service, region),
        ended=ENDED,
        wishes=_wishes(case, is_own=is_own, is_erased=said is None),
        happened=lambda entry: visit.words(TYPES.get(entry.type, entry.type)),
        state=visit.words(state_words(case)),
        is_refused=end_of(case) == REFUSED,
        key=new_key(),
        person=PERSON,
        most=MAX_TEXT,
    )


@router.get("/cases/{case_id}/live")
async def live(
    visit: Visiting,
    case_id: CaseId,
    shown: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> Response:
    """Tell an open page each time its case moves, as server-sent events: the version, no words.

    What moved between the page and its stream is told at once: the page says what it shows.
    """
    with ExitStack() as opened:
        # Followed before it is read: what happens in between is not lost.
        follower = opened.enter_context(visit.pages.watch.follow(case_id, visit.person))
        case = await get_case(visit, case_id)
        follower.tell(case.version)
        last = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else 0
        moves = visit.pages.watch.moves(follower, max(last, shown) or case.version)
        return Stream(moves, opened.pop_all())


class Stream(StreamingResponse):
    """Server-sent events of one page; whatever becomes of it, in the end nobody follows."""

    def __init__(self, moves: AsyncIterator[int], opened: ExitStack) -> None:
        super().__init__(_lines(moves), headers=STREAM, media_type="text/event-stream")
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send for as long as the page is open."""
        with self._opened:
            await super().__call__(scope, receive, send)


async def _lines(moves: AsyncIterator[int]) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    async for version in moves:
        if version == LOOK:
            yield "event: moved\ndata: 0\n\n"
        else:
            yield f"id: {version}\nevent: moved\ndata: {version}\n\n" if version else ":\n\n"


def _told(visit: Visit, done: str, state: int) -> str:
    """Return what is said of what was done just before, as long as it is true."""
    holds = done in DONE and state in HOLDS.get(done, OPEN)
    return visit.words(DONE[done]) if holds else ""


async def _text(visit: Visit, case: Any) -> Any:
    """Return what was said on a case; None where its words were erased."""
    request = pb.GetCaseTextRequest(case_id=case.id)
    try:
        return await visit.call(visit.session.clients.cases.GetCaseText, request)
    except NotFoundError as error:
        if error.reason != WORDS_ERASED:
            raise
        return None


def _wishes(case: Any, *, is_own: bool, is_erased: bool) -> Mapping[str, bool]:
    """Tell what may be done with a case as it is; by its citizen, and by nobody else."""
    by_model = case.decision.actor == pb.ACTOR_KIND_MODEL
    possible = {
        "confirm": case.state == pb.STATE_CONFIRMATION_REQUESTED,
        "answer": case.state == pb.STATE_INFORMATION_REQUESTED,
        "object": case.state in HELD and by_model,
        "reopen": case.state == pb.STATE_COMPLETED and not is_erased,
        "rate": case.state == pb.STATE_COMPLETED,
        "withdraw": case.state in OPEN,
    }
    return {wish: is_own and is_possible for wish, is_possible in possible.items()}
