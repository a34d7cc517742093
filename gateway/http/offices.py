"""Offices: what they answer on a case, and their feed."""

from typing import Annotated

from fastapi import Body, Path
from fastapi import Query as FromQuery
from starlette.responses import Response

from gateway.http import bodies, examples, queries
from gateway.http.contract import CHANGES, READS, tells
from gateway.http.routers import ApiRouter
from gateway.http.session import Caller, CaseId, Changing, answer, read
from qyzmet.cases.v1 import cases_pb2
from qyzmet.delivery.v1 import delivery_pb2 as pb

router = ApiRouter(tags=["offices"])

OfficeCode = Annotated[
    str,
    Path(
        max_length=64,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="The office, by its code.",
        examples=["MIA"],
    ),
]


@router.post(
    "/v1/cases/{case_id}:accept",
    **tells(cases_pb2.Case, "The case after the answer.", errors=CHANGES),
)
async def accept_case(
    case_id: CaseId,
    body: Annotated[bodies.Accept, Body(openapi_examples=examples.ACCEPT)],
    change: Changing,
) -> Response:
    """Say that the office works on the case."""
    method = change.session.clients.delivery.AcceptCase
    return await change.make(method, pb.AcceptCaseRequest, body, case_id)


@router.post(
    "/v1/cases/{case_id}:complete",
    **tells(cases_pb2.Case, "The case after the answer.", errors=CHANGES),
)
async def complete_case(
    case_id: CaseId,
    body: Annotated[bodies.Complete, Body(openapi_examples=examples.COMPLETE)],
    change: Changing,
) -> Response:
    """Say that the office is done, and how it ended."""
    method = change.session.clients.delivery.CompleteCase
    return await change.make(method, pb.CompleteCaseRequest, body, case_id)


@router.post(
    "/v1/cases/{case_id}:return",
    **tells(cases_pb2.Case, "The case after the answer.", errors=CHANGES),
)
async def return_case(
    case_id: CaseId,
    body: Annotated[bodies.Return, Body(openapi_examples=examples.RETURN)],
    change: Changing,
) -> Response:
    """Send a case back that is not the office's, and say why.

    A suggestion is followed where the policy allows; after two returns a person decides.
    """
    method = change.session.clients.delivery.ReturnCase
    return await change.make(method, pb.ReturnCaseRequest, body, case_id)


@router.post(
    "/v1/cases/{case_id}:ask",
    **tells(cases_pb2.Case, "The case, which now waits for its citizen.", errors=CHANGES),
)
async def ask_citizen(
    case_id: CaseId,
    change: Changing,
    body: Annotated[bodies.Ask, Body(openapi_examples=examples.ASK)],
) -> Response:
    """Ask the citizen something; the case waits for the answer.

    The words of the question are kept with the citizen's own, encrypted, and read where those are.
    """
    method = change.session.clients.delivery.AskCitizen
    return await change.make(method, pb.AskCitizenRequest, body, case_id)


@router.post(
    "/v1/cases/{case_id}:split",
    **tells(cases_pb2.SplitCaseResponse, "Both cases after the split.", errors=CHANGES),
)
async def split_case(
    case_id: CaseId,
    change: Changing,
    body: Annotated[bodies.Split, Body(openapi_examples=examples.SPLIT)],
) -> Response:
    """Make a case of its own of the part of a request that belongs elsewhere.

    Both cases are linked, the citizen sees it in the timeline, and the new one is routed as
    every new case. For the office that holds the case, and for triage officers.
    """
    method = change.session.clients.cases.SplitCase
    return await change.make(method, cases_pb2.SplitCaseRequest, body, case_id, whole=True)


@router.get("/v1/alarms", **tells(pb.ListAlarmCountsResponse, "The counts, by office."))
async def list_alarm_counts(caller: Caller) -> Response:
    """See how often each office was late: not acknowledged, reminded, overdue. For analysts."""
    request = pb.ListAlarmCountsRequest()
    return answer(await caller.call(caller.clients.delivery.ListAlarmCounts, request))


@router.get(
    "/v1/offices/{office}/events",
    **tells(pb.ListFeedEventsResponse, "A page of the feed.", errors=READS),
)
async def list_feed_events(
    office: OfficeCode, page: Annotated[queries.FeedPage, FromQuery()], caller: Caller
) -> Response:
    """Read an office's feed from a cursor on.

    Sequences grow by exactly one; ask again with the last sequence seen to get what is new.
    """
    request = read(pb.ListFeedEventsRequest, page, office=office)
    return answer(await caller.call(caller.clients.delivery.ListFeedEvents, request))
