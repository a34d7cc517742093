"""Cases: what citizens ask, and what becomes of it."""

from typing import Annotated

from fastapi import Body
from fastapi import Query as FromQuery
from starlette.responses import Response

from gateway.http import bodies, examples, queries
from gateway.http.contract import BODIES, CHANGES, READS, WRITES, tells
from gateway.http.routers import ApiRouter
from gateway.http.session import Caller, CaseId, Changing, IdempotencyKey, answer, etag, read
from qyzmet.audit.v1 import audit_pb2
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.delivery.v1 import delivery_pb2
from services.chassis.errors import NotFoundError

router = ApiRouter(tags=["cases"])


@router.post("/v1/cases", **tells(pb.Case, "The receipt.", errors=WRITES, status=201))
async def submit_case(
    key: IdempotencyKey,
    body: Annotated[bodies.SubmitCase, Body(openapi_examples=examples.SUBMIT)],
    caller: Caller,
) -> Response:
    """Submit a request in the citizen's own words.

    The answer is the receipt: it is sent when the request is safely kept. Sending the same
    request again with the same key gives the same receipt and makes no second case. `Link` names
    where proofs can be had that no decision on the case was changed, a minute after each.
    """
    request = read(pb.SubmitCaseRequest, body, request_id=key)
    case = (await caller.call(caller.clients.cases.SubmitCase, request)).case
    place = f"/v1/cases/{case.id}"
    proof = f'<{place}/proof>; rel="related"; title="proof"'
    return answer(case, 201, headers=etag(case) | {"Location": place, "Link": proof})


@router.get("/v1/cases", **tells(pb.ListCasesResponse, "A page of cases."))
async def list_cases(page: Annotated[queries.CasePage, FromQuery()], caller: Caller) -> Response:
    """List the cases the caller may see, newest first or what is due first.

    A triage officer sees those that wait for a choice; `state=triaged` those that wait for theirs.
    """
    request = read(pb.ListCasesRequest, page)
    return answer(await caller.call(caller.clients.cases.ListCases, request))


@router.get("/v1/cases/{case_id}", **tells(pb.Case, "The case.", errors=READS))
async def get_case(case_id: CaseId, caller: Caller) -> Response:
    """Follow a case: its state, service and office, its newest decision, and all that happened."""
    request = pb.GetCaseRequest(case_id=case_id)
    case = (await caller.call(caller.clients.cases.GetCase, request)).case
    return answer(case, headers=etag(case))


@router.get("/v1/cases/{case_id}/text", **tells(pb.GetCaseTextResponse, "The words.", errors=READS))
async def get_case_text(case_id: CaseId, caller: Caller) -> Response:
    """Read the citizen's own words, and what was asked and answered since.

    For the citizen and for the office that holds the case; each reading is recorded.
    """
    request = pb.GetCaseTextRequest(case_id=case_id)
    return answer(await caller.call(caller.clients.cases.GetCaseText, request))


@router.get(
    "/v1/cases/{case_id}/masked-text",
    **tells(pb.MaskedText, "The words, masked.", errors=READS),
)
async def get_masked_text(case_id: CaseId, caller: Caller) -> Response:
    """Read the words with personal data replaced by marks; for triage officers.

    While the case waits for a choice, also what was said since: why the citizen objects or says
    that it is not done, what an office asked, and what was answered.
    """
    request = pb.BatchGetMaskedTextRequest(case_ids=[case_id], include_messages=True)
    found = (await caller.call(caller.clients.cases.BatchGetMaskedText, request)).texts
    if not found:
        raise NotFoundError("there is no such case", reason="CASE_NOT_FOUND")
    return answer(found[0])


@router.post(
    "/v1/cases/{case_id}:open",
    **tells(pb.OpenCaseResponse, "Who has it open.", errors=(*READS, *BODIES)),
)
async def open_case(
    case_id: CaseId,
    body: Annotated[bodies.Open, Body(openapi_examples=examples.OPEN)],
    caller: Caller,
) -> Response:
    """Say that one works on a case, and see whether a colleague does; for officers and triage.

    Whoever opened it first has it, until a quarter of an hour after they last looked or until
    somebody takes it over. Nothing is locked: what two do at once is told by the case's version.
    """
    request = read(pb.OpenCaseRequest, body, case_id=case_id)
    return answer(await caller.call(caller.clients.cases.OpenCase, request))


@router.get("/v1/readings", **tells(pb.ListReadingsResponse, "A page of readings."))
async def list_readings(
    page: Annotated[queries.ReadingPage, FromQuery()], caller: Caller
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


@router.get(
    "/v1/cases/{case_id}/notices",
    **tells(delivery_pb2.ListNoticesResponse, "The messages.", errors=READS),
)
async def list_notices(case_id: CaseId, caller: Caller) -> Response:
    """See what the citizen of a case was told, when and by which way, and how it ended.

    Neither the address nor the words are told; for whoever may see the case.
    """
    request = delivery_pb2.ListNoticesRequest(case_id=case_id)
    return answer(await caller.call(caller.clients.delivery.ListNotices, request))


@router.get("/v1/reasons", **tells(pb.ListReasonsResponse, "The codes and their words."))
async def list_reasons(caller: Caller) -> Response:
    """Tell what the codes of timelines mean, in Kazakh, Russian and English."""
    return answer(await caller.call(caller.clients.cases.ListReasons, pb.ListReasonsRequest()))


@router.post(
    "/v1/cases/{case_id}:answer",
    **tells(pb.Case, "The case, back with its office.", errors=CHANGES),
)
async def provide_information(
    case_id: CaseId,
    change: Changing,
    body: Annotated[bodies.Provide, Body(openapi_examples=examples.PROVIDE)],
) -> Response:
    """Answer what the office asked; the case goes back to it. For the citizen."""
    method = change.session.clients.cases.ProvideInformation
    return await change.make(method, pb.ProvideInformationRequest, body, case_id)


@router.post(
    "/v1/cases/{case_id}:reopen",
    **tells(pb.Case, "The case, which a person looks at again.", errors=CHANGES),
)
async def reopen_case(
    case_id: CaseId,
    change: Changing,
    body: bodies.Reopen = bodies.Reopen(),  # noqa: B008  frozen, so one for all is safe
) -> Response:
    """Say that a completed case is not done, and why; a person looks at it again."""
    method = change.session.clients.cases.ReopenCase
    return await change.make(method, pb.ReopenCaseRequest, body, case_id)


@router.post(
    "/v1/cases/{case_id}:object",
    **tells(pb.Case, "The case, which a person decides upon.", errors=CHANGES),
)
async def object_to_decision(
    case_id: CaseId,
    change: Changing,
    body: bodies.Object = bodies.Object(),  # noqa: B008  frozen, so one for all is safe
) -> Response:
    """Object to what a model decided, and say why; a person decides in its place."""
    method = change.session.clients.cases.ObjectToDecision
    return await change.make(method, pb.ObjectToDecisionRequest, body, case_id)


@router.post("/v1/cases/{case_id}:rate", **tells(pb.Case, "The case, rated.", errors=CHANGES))
async def rate_case(
    case_id: CaseId,
    change: Changing,
    body: Annotated[bodies.Rate, Body(openapi_examples=examples.RATE)],
) -> Response:
    """Say how a completed case was handled, from 1 to 5; the newest opinion holds."""
    method = change.session.clients.cases.RateCase
    return await change.make(method, pb.RateCaseRequest, body, case_id)


@router.post(
    "/v1/cases/{case_id}:withdraw", **tells(pb.Case, "The case, now ended.", errors=CHANGES)
)
async def withdraw_case(
    case_id: CaseId,
    change: Changing,
    body: bodies.Withdraw = bodies.Withdraw(),  # noqa: B008  frozen, so one for all is safe
) -> Response:
    """Take a request back."""
    method = change.session.clients.cases.WithdrawCase
    return await change.make(method, pb.WithdrawCaseRequest, body, case_id)


@router.post(
    "/v1/cases/{case_id}:erase", **tells(pb.Case, "The case, without words.", errors=CHANGES)
)
async def erase_case(
    case_id: CaseId,
    change: Changing,
    body: bodies.Erase = bodies.Erase(),  # noqa: B008  frozen, so one for all is safe
) -> Response:
    """Destroy the words of a case for ever; for administrators.

    The key of the case is destroyed, and with it every copy of the words. A case still open ends,
    and none is reopened after that (`WORDS_ERASED`). Cases that were split off of it go with it.
    The records of its decisions stay in the log, which goes on to verify.
    """
    return await change.make(
        change.session.clients.cases.EraseCase, pb.EraseCaseRequest, body, case_id
    )
