"""What an office answers: accept, complete, ask, return, split."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.http.session import CaseId
from gateway.pages.languages import PREFIX
from gateway.pages.officer.attempt import LATE, Attempt, meant, named, text_trouble
from gateway.pages.officer.cases import OUTCOMES, QUESTIONS, REFUSED, RETURN_REASONS, show
from gateway.pages.officer.presence import take_over
from gateway.pages.visit import Form, Sent, Visit, Visiting
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.delivery.v1 import delivery_pb2
from services.chassis.errors import InvalidError, NotFoundError

router = APIRouter(prefix=PREFIX, include_in_schema=False)

REFUSALS: Mapping[str, str] = {"TOO_MANY_PARTS": "parts", "WORDS_ERASED": "words"}
"""Refusals that have nothing to do with who was first."""


@router.post("/office/cases/{case_id}/open")
async def go_on(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Take a case over that a colleague has open."""
    try:
        await take_over(visit, case_id)
    except NotFoundError:
        return await _again(visit, form, case_id, "open")
    return visit.go(f"/office/cases/{case_id}?done=open{_reading(form)}")


@router.post("/office/cases/{case_id}/accept")
async def accept(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Say that the office works on it."""
    method = visit.session.clients.delivery.AcceptCase
    request = delivery_pb2.AcceptCaseRequest(**_named(form, case_id))
    return await _answer(visit, form, "accept", method, request)


@router.post("/office/cases/{case_id}/complete")
async def complete(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Say that the office is done, and how it ended."""
    text, outcome = form.text("text"), form.chosen("outcome")
    if outcome not in OUTCOMES:
        return await _again(visit, form, case_id, "complete", trouble="outcome")
    if not text and outcome == REFUSED:
        return await _again(visit, form, case_id, "complete", trouble="refusal")
    if text and (trouble := text_trouble(text)):
        return await _again(visit, form, case_id, "complete", trouble=trouble)
    method = visit.session.clients.delivery.CompleteCase
    request = delivery_pb2.CompleteCaseRequest(
        outcome_code=outcome, text=text, **_named(form, case_id)
    )
    return await _answer(visit, form, "complete", method, request)


@router.post("/office/cases/{case_id}/ask")
async def ask(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Ask the citizen something."""
    text, question = form.text("text"), form.chosen("question")
    if question not in QUESTIONS:
        return await _again(visit, form, case_id, "ask", trouble="question")
    if trouble := text_trouble(text):
        return await _again(visit, form, case_id, "ask", trouble=trouble)
    method = visit.session.clients.delivery.AskCitizen
    request = delivery_pb2.AskCitizenRequest(
        question_code=question, text=text, **_named(form, case_id)
    )
    return await _answer(visit, form, "ask", method, request)


@router.post("/office/cases/{case_id}/return")
async def give_back(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Say why it is not the office's, and whose it may be."""
    reason = form.chosen("reason")
    if form.chosen("look"):
        return await _again(visit, form, case_id, "return")
    if reason not in RETURN_REASONS:
        return await _again(visit, form, case_id, "return", trouble="reason")
    method = visit.session.clients.delivery.ReturnCase
    request = delivery_pb2.ReturnCaseRequest(
        reason_code=reason, **meant(form), **_named(form, case_id)
    )
    return await _answer(visit, form, "return", method, request)


@router.post("/office/cases/{case_id}/split")
async def split(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Make a case of its own of a part that belongs elsewhere."""
    text = form.text("text")
    if form.chosen("look"):
        return await _again(visit, form, case_id, "split")
    if trouble := text_trouble(text):
        return await _again(visit, form, case_id, "split", trouble=trouble)
    method = visit.session.clients.cases.SplitCase
    request = pb.SplitCaseRequest(text=text, **meant(form), **_named(form, case_id))
    return await _answer(visit, form, "split", method, request)


async def _answer(
    visit: Visit, form: Form, verb: str, method: Callable[..., Any], request: Any
) -> Response:
    """Send an answer; where the case changed meanwhile, show what changed and keep the form."""
    case_id = request.case_id
    try:
        case = (await visit.call(method, request)).case
    except LATE as error:
        if trouble := REFUSALS.get(error.reason, ""):
            return await _again(visit, form, case_id, verb, trouble=trouble)
        return await _again(visit, form, case_id, verb, is_late=True)
    except InvalidError as error:
        if error.field != "suggested_office":
            raise
        return await _again(visit, form, case_id, verb, trouble="own")
    except NotFoundError:
        return await _again(visit, form, case_id, verb)
    if verb in ("complete", "return"):
        return visit.go(f"/office?done={verb}&about={case.number}")
    return visit.go(f"/office/cases/{case_id}?done={verb}{_reading(form)}")


async def _again(
    visit: Visit, form: Form, case_id: str, verb: str, *, trouble: str = "", is_late: bool = False
) -> Response:
    attempt = Attempt.of(verb, form, trouble=trouble, is_late=is_late)
    return await show(visit, case_id, attempt, read=bool(form.chosen("read")))


def _reading(form: Form) -> str:
    """Return the part of an address by which whoever read the words goes on to."""
    return "&read=1" if form.chosen("read") else ""


def _named(form: Form, case_id: str) -> Mapping[str, Any]:
    return {**named(form, case_id), "office": form.chosen("office")[:64]}
