"""What a citizen may wish of their request: choose, answer, object, reopen, rate, withdraw."""

import secrets
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from gateway.http.fields import MAX_TEXT
from gateway.http.session import CaseId
from gateway.pages.citizen.choosing import PERSON
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Form, Sent, Visit, Visiting
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.routing.v1 import routing_pb2
from services.chassis.errors import InvalidError

router = APIRouter(prefix=PREFIX, include_in_schema=False)

HELD = (pb.STATE_ROUTED, pb.STATE_ACCEPTED, pb.STATE_INFORMATION_REQUESTED)
ENDED = (pb.STATE_COMPLETED, pb.STATE_WITHDRAWN)
OPEN = tuple(state for state in pb.State.values() if state not in ENDED)


@router.post("/cases/{case_id}/confirm")
async def confirm(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Take their choice among the services offered, or the wish for a person."""
    chosen, region = form.chosen("service"), form.chosen("region")
    if not chosen:
        return _wanting(visit, case_id, "service", region=region)
    request = routing_pb2.ConfirmCaseRequest(
        service_id="" if chosen == PERSON else chosen,
        region=region,
        **_named(form, case_id),
    )
    try:
        await visit.call(visit.session.clients.routing.ConfirmCase, request)
    except InvalidError as error:
        if "REGION" not in error.reason:
            raise
        return _wanting(visit, case_id, "region", service=chosen)
    return _done(visit, case_id, "confirmed")


@router.post("/cases/{case_id}/answer")
async def answer(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Take their answer to the office's question."""
    text = form.text("text")
    if not text or len(text) > MAX_TEXT:
        return _wanting(visit, case_id, "length" if text else "answer")
    request = pb.ProvideInformationRequest(text=text, **_named(form, case_id))
    await visit.call(visit.session.clients.cases.ProvideInformation, request)
    return _done(visit, case_id, "answered")


@router.post("/cases/{case_id}/object")
async def object_to(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Take their objection to what the model decided."""
    request = pb.ObjectToDecisionRequest(text=form.text("text")[:MAX_TEXT], **_named(form, case_id))
    await visit.call(visit.session.clients.cases.ObjectToDecision, request)
    return _done(visit, case_id, "objected")


@router.post("/cases/{case_id}/reopen")
async def reopen(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Take their word that it is not done."""
    request = pb.ReopenCaseRequest(text=form.text("text")[:MAX_TEXT], **_named(form, case_id))
    await visit.call(visit.session.clients.cases.ReopenCase, request)
    return _done(visit, case_id, "reopened")


@router.post("/cases/{case_id}/rate")
async def rate(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Take their opinion."""
    stars = form.number("stars")
    if not 1 <= stars <= 5:
        return _wanting(visit, case_id, "stars")
    request = pb.RateCaseRequest(stars=stars, **_named(form, case_id))
    await visit.call(visit.session.clients.cases.RateCase, request)
    return _done(visit, case_id, "rated")


@router.post("/cases/{case_id}/withdraw")
async def withdraw(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Take the request back."""
    request = pb.WithdrawCaseRequest(**_named(form, case_id))
    await visit.call(visit.session.clients.cases.WithdrawCase, request)
    return _done(visit, case_id, "withdrawn")


def new_key() -> str:
    """Return a name for a wish, by which its repetition is known."""
    return secrets.token_hex(16)


def _named(form: Form, case_id: str) -> dict[str, Any]:
    """Return what names a wish: the case, its version as they saw it, and a key."""
    return {
        "case_id": case_id,
        "expected_version": form.number("version"),
        "request_id": form.chosen("key") or new_key(),
    }


def _done(visit: Visit, case_id: str, what: str) -> Response:
    return visit.go(f"/cases/{case_id}?done={what}")


def _wanting(visit: Visit, case_id: str, what: str, **chosen: str) -> Response:
    """Ask for what is wanting; what they chose goes along, and stays chosen."""
    asked = {"wanting": what} | {name: value for name, value in chosen.items() if value}
    return visit.go(f"/cases/{case_id}?{urlencode(asked)}")
