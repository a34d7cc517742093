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
from services.chassis.errors import NotFoundError

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
    """List the cases the caller may see, newest first.

    A triage officer sees those that wait for a choice; `state=triaged` those that wait for theirs.
    """
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
    "/v1/cases/{case_id}/masked-text",
    **tells(pb.MaskedText, "The words, masked.", errors=READS),
)
async def get_masked_text(case_id: CaseId, caller: Caller) -> Response:
    """Read the words with personal data replaced by marks; for triage officers."""
    request = pb.BatchGetMaskedTextRequest(case_ids=[case_id])
    found = (await caller.call(caller.clients.cases.BatchGetMaskedText, request)).texts
    if not found:
        raise NotFoundError("there is no such case", reason="CASE_NOT_FOUND")
    return answer(found[0])


@router.get("/v1/readings", **tells(pb.ListReadingsResponse, "A page of readings."))
async def list_readings(
    page: Annotated[bodies.ReadingPage, FromQuery()], caller: Caller
) -> Response:
    """See who read the words of which case when, newest first; for those who look after privacy."""
    request = read(pb.ListReadingsRequest, page)
    return answer(await caller.call(caller.clients.cases.ListReadings, request))


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
