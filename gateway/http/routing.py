"""Which service handles a request: suggestions, and the choices of people."""

from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from gateway.http import bodies, examples
from gateway.http.contract import BODIES, CHANGES, tells
from gateway.http.routers import ApiRouter
from gateway.http.session import Caller, CaseId, Changing, answer, read
from qyzmet.cases.v1 import cases_pb2
from qyzmet.routing.v1 import routing_pb2 as pb

router = ApiRouter(tags=["routing"])


@router.post("/v1/suggestions", **tells(pb.SuggestResponse, "The services.", errors=BODIES))
async def suggest(
    body: Annotated[bodies.Suggest, Body(openapi_examples=examples.SUGGEST)], caller: Caller
) -> Response:
    """Find the services a text speaks of, with probabilities; nothing is kept."""
    request = read(pb.SuggestRequest, body)
    return answer(await caller.call(caller.clients.routing.Suggest, request))


@router.post(
    "/v1/cases/{case_id}:confirm",
    **tells(cases_pb2.Case, "The case after the choice.", errors=CHANGES),
)
async def confirm_case(
    case_id: CaseId,
    body: Annotated[bodies.Confirm, Body(openapi_examples=examples.CONFIRM)],
    change: Changing,
) -> Response:
    """Choose among the services offered, or ask that a person chooses; for the citizen."""
    method = change.session.clients.routing.ConfirmCase
    return await change.make(method, pb.ConfirmCaseRequest, body, case_id)


@router.post(
    "/v1/cases/{case_id}:assign",
    **tells(cases_pb2.Case, "The case after the choice.", errors=CHANGES),
)
async def assign_case(
    case_id: CaseId,
    body: Annotated[bodies.Assign, Body(openapi_examples=examples.ASSIGN)],
    change: Changing,
) -> Response:
    """Choose the service of a triaged case; for triage officers."""
    method = change.session.clients.routing.AssignCase
    return await change.make(method, pb.AssignCaseRequest, body, case_id)
