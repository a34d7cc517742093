"""What a triage officer decides: which service, none, or that a part belongs elsewhere."""

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from gateway.http.session import CaseId
from gateway.pages.languages import PREFIX
from gateway.pages.officer.attempt import LATE, Attempt, meant, named, text_trouble
from gateway.pages.officer.presence import take_over
from gateway.pages.officer.triage import show
from gateway.pages.visit import Form, Sent, Visit, Visiting
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.routing.v1 import routing_pb2
from services.chassis.errors import ConflictError, InvalidError, NotFoundError, ServiceError

router = APIRouter(prefix=PREFIX, include_in_schema=False)

NOTHING_FITS = "-"
"""Stands for no service where one is chosen."""
TROUBLES: Mapping[str, str] = {
    "REGION_REQUIRED": "region",
    "UNKNOWN_REGION": "region",
    "UNKNOWN_SERVICE": "unknown",
    "RETURNED_BY_OFFICE": "returned",
    "TOO_MANY_PARTS": "parts",
    "WORDS_ERASED": "words",
}
"""What is wrong, by the reason that a service gives."""


@router.post("/triage/cases/{case_id}/open")
async def go_on(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Take a case over that a colleague has open."""
    try:
        await take_over(visit, case_id)
    except NotFoundError:
        return await _again(visit, form, case_id, "open")
    return visit.go(f"/triage/cases/{case_id}?done=open")


@router.post("/triage/cases/{case_id}/assign")
async def assign(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Send it to a service, or say that none fits."""
    service = form.chosen("service")
    if not service:
        return await _again(visit, form, case_id, "assign", trouble="service")
    request = routing_pb2.AssignCaseRequest(
        service_id="" if service == NOTHING_FITS else service,
        region=form.chosen("region")[:2],
        **named(form, case_id),
    )
    try:
        case = (await visit.call(visit.session.clients.routing.AssignCase, request)).case
    except (ConflictError, InvalidError, NotFoundError) as error:
        return await _refused(visit, form, case_id, "assign", error)
    done = "nothing" if service == NOTHING_FITS else "assign"
    return visit.go(f"/triage?done={done}&about={case.number}")


@router.post("/triage/cases/{case_id}/split")
async def split(visit: Visiting, form: Sent, case_id: CaseId) -> Response:
    """Make a case of its own of a part that belongs elsewhere."""
    text = form.text("text")
    if form.chosen("look"):
        return await _again(visit, form, case_id, "split")
    if trouble := text_trouble(text):
        return await _again(visit, form, case_id, "split", trouble=trouble)
    request = pb.SplitCaseRequest(text=text, **meant(form), **named(form, case_id))
    try:
        await visit.call(visit.session.clients.cases.SplitCase, request)
    except (ConflictError, InvalidError, NotFoundError) as error:
        return await _refused(visit, form, case_id, "split", error)
    return visit.go(f"/triage/cases/{case_id}?done=split")


async def _refused(
    visit: Visit, form: Form, case_id: str, verb: str, error: ServiceError
) -> Response:
    if trouble := TROUBLES.get(error.reason, ""):
        return await _again(visit, form, case_id, verb, trouble=trouble)
    is_late = isinstance(error, LATE)
    if isinstance(error, InvalidError) and not is_late:
        raise error
    return await _again(visit, form, case_id, verb, is_late=is_late)


async def _again(
    visit: Visit, form: Form, case_id: str, verb: str, *, trouble: str = "", is_late: bool = False
) -> Response:
    return await show(visit, case_id, Attempt.of(verb, form, trouble=trouble, is_late=is_late))
