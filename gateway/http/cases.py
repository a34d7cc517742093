"""Cases: what citizens ask, and what becomes of it."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi import Query as FromQuery
from starlette.responses import Response

from gateway.http import bodies, examples
from gateway.http.contract import CHANGES, READS, WRITES, tells
from gateway.http.session import Caller, CaseId, IdempotencyKey, answer, read
from qyzmet.audit.v1 import audit_pb2
from qyzmet.cases.v1 import cases_pb2 as pb

router = APIRouter(tags=["cases"])


@router.post("/v1/cases", **tells(pb.Case, "The receipt.", errors=WRITES, status=201))
async def submit_case(
    key: IdempotencyKey,
    body: Annotated[bodies.SubmitCase, Body(openapi_examples=examples.SUBMIT)],
    caller: Caller,
) -> Response:
    """Submit a request in the citizen's own words.

    The answer is the receipt: it is sent when the request is safely kept. Sending the same
    request again with the same key gives the same receipt and makes no second case.
    """
    request = read(pb.SubmitCaseRequest, body, request_id=key)
    case = (await caller.call(caller.clients.cases.SubmitCase, request)).case
    return answer(case, 201, location=f"/v1/cases/{case.id}")


@router.get("/v1/cases", **tells(pb.ListCasesResponse, "A page of cases."))
async def list_cases(page: Annotated[bodies.CasePage, FromQuery()], caller: Caller) -> Response:
    """List the cases the caller may see, newest first."""
    request = read(pb.ListCasesRequest, page)
    return answer(await caller.call(caller.clients.cases.ListCases, request))


@router.get("/v1/cases/{case_id}", **tells(pb.Case, "The case.", errors=READS))
async def get_case(case_id: CaseId, caller: Caller) -> Response:
    """Follow a case: its state, service and office, its newest decision, and all that happened."""
    request = pb.GetCaseRequest(case_id=case_id)
    return answer((await caller.call(caller.clients.cases.GetCase, request)).case)


@router.get("/v1/cases/{case_id}/text", **tells(pb.GetCaseTextResponse, "The words.", errors=READS))
async def get_case_text(case_id: CaseId, caller: Caller) -> Response:
    """Read the citizen's own words.

    For the citizen and for the office that holds the case; each reading is recorded.
    """
    request = pb.GetCaseTextRequest(case_id=case_id)
    return answer(await caller.call(caller.clients.cases.GetCaseText, request))


@router.get(
    "/v1/cases/{case_id}/decisions",
    **tells(audit_pb2.ListDecisionsResponse, "The decisions.", errors=READS),
)
async def list_decisions(case_id: CaseId, caller: Caller) -> Response:
    """List the decisions on a case, oldest first, by model or by person; for analysts."""
    request = audit_pb2.ListDecisionsRequest(case_id=case_id)
    return answer(await caller.call(caller.clients.audit.ListDecisions, request))


@router.post(
    "/v1/cases/{case_id}:withdraw", **tells(pb.Case, "The case, now ended.", errors=CHANGES)
)
async def withdraw_case(
    case_id: CaseId,
    key: IdempotencyKey,
    caller: Caller,
    body: bodies.Withdraw = bodies.Withdraw(),  # noqa: B008  frozen, so one for all is safe
) -> Response:
    """Take a request back."""
    request = read(pb.WithdrawCaseRequest, body, case_id=case_id, request_id=key)
    return answer((await caller.call(caller.clients.cases.WithdrawCase, request)).case)


@router.post(
    "/v1/cases/{case_id}:erase", **tells(pb.Case, "The case, without words.", errors=CHANGES)
)
async def erase_case(
    case_id: CaseId,
    key: IdempotencyKey,
    caller: Caller,
    body: bodies.Erase = bodies.Erase(),  # noqa: B008  frozen, so one for all is safe
) -> Response:
    """Destroy the words of a case for ever; for administrators.

    The key of the case is destroyed, and with it every copy of the words. A case still open ends.
    The records of its decisions stay in the log, which goes on to verify.
    """
    request = read(pb.EraseCaseRequest, body, case_id=case_id, request_id=key)
    return answer((await caller.call(caller.clients.cases.EraseCase, request)).case)
