"""The receipt: a number, a day, a code to come back by, and the proof that nothing was changed."""

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import Response

from gateway.http.session import CaseId
from gateway.pages.languages import PREFIX
from gateway.pages.render import HEADERS
from gateway.pages.visit import Visit, Visiting
from gateway.pages.words import N_
from qyzmet.audit.v1 import audit_pb2
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis import codec
from services.chassis.errors import RETRYABLE

router = APIRouter(prefix=PREFIX, include_in_schema=False)

DANGERS = {
    "FIRE": ("101", N_("Fire: get out, and call at once.")),
    "POLICE": ("102", N_("Somebody threatens you: call the police at once.")),
    "AMBULANCE": ("103", N_("Somebody is hurt or ill: call an ambulance at once.")),
    "GAS": ("104", N_("You smell gas: touch no switch, go outside, and call at once.")),
    "RESCUE": ("112", N_("Somebody is in danger: call the rescuers at once.")),
}
QR_SCALE = 4

Danger = Annotated[str, Query(max_length=32)]
Sent = Annotated[str, Query(max_length=1)]
"""Says that the request was taken a moment ago."""


@router.get("/cases/{case_id}/receipt")
async def receipt(
    visit: Visiting, case_id: CaseId, danger: Danger = "", sent: Sent = ""
) -> Response:
    """Show the receipt of a request, to be kept or printed.

    Whoever sent it a moment ago gets its address and whom to call also where cases is away.
    """
    try:
        case = await get_case(visit, case_id)
    except RETRYABLE:
        if not sent:
            raise
        case = None
    address = f"{visit.origin}/{visit.language}/cases/{case_id}"
    number, words = DANGERS.get(danger, ("", ""))
    return visit.page(
        "citizen/receipt.html",
        case=case,
        case_id=case_id,
        address=address,
        qr=qr(address),
        danger=(number, visit.words(words)) if number else None,
    )


@router.get("/cases/{case_id}/proof")
async def proof(visit: Visiting, case_id: CaseId) -> Response:
    """Give the proofs that every decision on a case is in the log, as a file to keep."""
    request = audit_pb2.GetCaseProofRequest(case_id=case_id)
    told = await visit.call(visit.session.clients.audit.GetCaseProof, request)
    if not told.proofs:
        return visit.page("citizen/proof_waits.html", case_id=case_id)
    name = f"qyzmet-{case_id}.json"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(codec.encode(told), headers=headers, media_type="application/json")


async def get_case(visit: Visit, case_id: str) -> Any:
    """Return a case that they may see, with its timeline."""
    request = pb.GetCaseRequest(case_id=case_id)
    return (await visit.call(visit.session.clients.cases.GetCase, request)).case


def qr(address: str) -> Markup:
    """Return a code that a telephone reads an address from, as an image in the page."""
    made = segno.make_qr(address, error="m")
    return Markup(made.svg_inline(scale=QR_SCALE, light="#fff", omitsize=True))  # noqa: S704  the library writes paths of digits only
