"""What analysts ask: each answer as JSON, or as a table for a spreadsheet."""

from typing import Annotated

from fastapi import Query as FromQuery
from fastapi import Request
from starlette.responses import Response

from gateway.http import questions
from gateway.http.contract import tells_rows
from gateway.http.csv import answer_rows
from gateway.http.routers import ApiRouter
from gateway.http.session import Caller, read
from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2

router = ApiRouter(tags=["analysts"])


@router.get(
    "/v1/coverage/series", **tells_rows(pb.GetCoverageSeriesResponse, "The coverage by day.")
)
async def get_coverage_series(
    wanted: Annotated[questions.CoverageSeries, FromQuery()], request: Request, caller: Caller
) -> Response:
    """See the coverage day by day, by agency, life event, language or region; for analysts.

    A case counts on the day it was submitted, with the channel its service had when it was routed.
    Totals count services as they were on `end_date`: `register_date` says whose register that is.
    """
    question = read(pb.GetCoverageSeriesRequest, wanted)
    told = await caller.call(caller.clients.audit.GetCoverageSeries, question)
    return answer_rows(request, told, "points")


@router.get(
    "/v1/coverage/offline",
    **tells_rows(pb.ListOfflineServicesResponse, "The services, most asked for first."),
)
async def list_offline_services(
    wanted: Annotated[questions.OfflinePage, FromQuery()], request: Request, caller: Caller
) -> Response:
    """See which services that are not online citizens ask for the most; for analysts.

    Of days of the past: which were not online then, by the register of `register_date`.
    """
    question = read(pb.ListOfflineServicesRequest, wanted)
    told = await caller.call(caller.clients.audit.ListOfflineServices, question)
    return answer_rows(request, told, "services")


@router.get(
    "/v1/coverage/forecast",
    **tells_rows(pb.GetCoverageForecastResponse, "When all is online, and how sure that is."),
)
async def get_coverage_forecast(
    wanted: Annotated[questions.CoverageForecast, FromQuery()], request: Request, caller: Caller
) -> Response:
    """See when all services are online, as it looked on a day; for analysts.

    A straight line through the days so far, by demand and by services, with intervals of 95 %.
    """
    question = read(pb.GetCoverageForecastRequest, wanted)
    told = await caller.call(caller.clients.audit.GetCoverageForecast, question)
    return answer_rows(request, told, "points")


@router.get("/v1/quality", **tells_rows(pb.GetQualityResponse, "How well the model does."))
async def get_quality(
    wanted: Annotated[questions.QualityGroups, FromQuery()], request: Request, caller: Caller
) -> Response:
    """See how well the model does, by model, language, service, region or day; for analysts.

    Shares come with Wilson's interval of 95 %; those of fewer than 30 cases are marked `is_small`.
    """
    question = read(pb.GetQualityRequest, wanted)
    return answer_rows(
        request, await caller.call(caller.clients.audit.GetQuality, question), "rows"
    )


@router.get("/v1/decisions", **tells_rows(pb.FindDecisionsResponse, "A page of decisions."))
async def find_decisions(
    wanted: Annotated[questions.DecisionPage, FromQuery()], request: Request, caller: Caller
) -> Response:
    """Find the decisions of some days on all cases, newest first; for analysts.

    A decision counts on the day it was taken. As a table, a page names the next one in `Link`.
    """
    question = read(pb.FindDecisionsRequest, wanted)
    told = await caller.call(caller.clients.audit.FindDecisions, question)
    answer = answer_rows(request, told, "decisions")
    if told.next_page_token:
        following = request.url.include_query_params(page_token=told.next_page_token)
        answer.headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
    return answer


@router.get("/v1/times", **tells_rows(pb.GetTimesResponse, "How long cases take."))
async def get_times(
    wanted: Annotated[questions.TimesGroups, FromQuery()], request: Request, caller: Caller
) -> Response:
    """See how long cases take and how many are late, by agency, service and more; for analysts."""
    question = read(pb.GetTimesRequest, wanted)
    return answer_rows(request, await caller.call(caller.clients.audit.GetTimes, question), "rows")


@router.get("/v1/fairness", **tells_rows(pb.GetFairnessResponse, "How groups are served."))
async def get_fairness(
    wanted: Annotated[questions.FairnessGroups, FromQuery()], request: Request, caller: Caller
) -> Response:
    """See whether a language or region is served worse than all others; for analysts."""
    question = read(pb.GetFairnessRequest, wanted)
    told = await caller.call(caller.clients.audit.GetFairness, question)
    return answer_rows(request, told, "rows")


@router.get("/v1/drift", **tells_rows(pb.GetDriftResponse, "Whether something changed."))
async def get_drift(
    wanted: Annotated[questions.DriftDays, FromQuery()], request: Request, caller: Caller
) -> Response:
    """See whether texts and the model's answers are other than they were; for analysts."""
    question = read(pb.GetDriftRequest, wanted)
    return answer_rows(request, await caller.call(caller.clients.audit.GetDrift, question), "rows")


@router.get(
    "/v1/drift/topics",
    **tells_rows(cases_pb2.ListTriagedTopicsResponse, "The topics, largest first."),
)
async def list_triaged_topics(
    wanted: Annotated[questions.TopicDays, FromQuery()], request: Request, caller: Caller
) -> Response:
    """See what cases that went to a person are about, by words many people used; for analysts.

    Each topic, and each of its words, is of at least `least_people` people. Each call is recorded.
    """
    question = read(cases_pb2.ListTriagedTopicsRequest, wanted)
    told = await caller.call(caller.clients.cases.ListTriagedTopics, question)
    return answer_rows(request, told, "topics")


@router.get("/v1/programmes", **tells_rows(pb.GetProgrammesResponse, "How programmes do."))
async def get_programmes(
    wanted: Annotated[questions.Days, FromQuery()], request: Request, caller: Caller
) -> Response:
    """See requests for the programmes of the AI plan, and completions, beside it; for analysts."""
    question = read(pb.GetProgrammesRequest, wanted)
    told = await caller.call(caller.clients.audit.GetProgrammes, question)
    return answer_rows(request, told, "rows")
