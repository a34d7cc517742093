"""What analysts ask over HTTP: as JSON, and as tables."""

import csv
from typing import Any

import httpx
import pytest
from google.protobuf.message import Message

from qyzmet.audit.v1 import audit_pb2
from qyzmet.cases.v1 import cases_pb2
from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import Peer


def test_the_coverage_by_day_is_for_analysts(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """The filters of the query reach audit; a citizen is refused."""
    query = {"start_date": "2026-03-01", "group_by": "life-event", "language": "kk", "region": "75"}
    query["interval"] = "month"
    path = "/v1/coverage/series"

    assert http.get(path, params=query).status_code == 403
    answer = http.get(path, params=query, headers=sign(Role.ANALYST))
    assert answer.json()["points"][0]["case_count"] == 4
    assert peer.asked == [
        audit_pb2.GetCoverageSeriesRequest(
            start_date="2026-03-01",
            group_by=audit_pb2.COVERAGE_GROUP_LIFE_EVENT,
            language=pb.LANGUAGE_KK,
            region="75",
            interval=audit_pb2.INTERVAL_MONTH,
        )
    ]


def test_no_such_day_is_refused(http: httpx.Client, sign: Sign) -> None:
    """A day that is none never reaches audit."""
    query = {"start_date": "2026-02-30"}

    answer = http.get("/v1/coverage/series", params=query, headers=sign(Role.ANALYST))

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/csv;q=none", "application/json"),
        ("*/*", "application/json"),
    ],
)
def test_a_table_is_for_who_likes_it_more(
    http: httpx.Client, sign: Sign, accept: str, kind: str
) -> None:
    """What Accept weighs the most is given, and caches are told of it."""
    headers = {**sign(Role.ANALYST), "Accept": accept}

    answer = http.get("/v1/coverage/series", headers=headers)

    assert (answer.headers["content-type"], answer.headers["vary"]) == (kind, "Accept")


def test_a_table_has_a_row_for_each_service(http: httpx.Client, sign: Sign) -> None:
    """Columns are the fields; no spreadsheet computes what a cell says."""
    headers = {**sign(Role.ANALYST), "Accept": "text/csv"}

    first, row = http.get("/v1/coverage/offline", headers=headers).text.splitlines()

    assert first.split(",")[:3] == ["rank", "service_id", "agency"]
    assert row.split(",")[:2] == ["1", "'=1+1"]


Question = tuple[str, dict[str, str], Message]
ASKED: list[Question] = [
    (
        "/v1/coverage/forecast",
        {"as_of_date": "2026-03-01", "goal_date": "2029-03-01"},
        audit_pb2.GetCoverageForecastRequest(as_of_date="2026-03-01", goal_date="2029-03-01"),
    ),
    (
        "/v1/quality",
        {"start_date": "2026-03-01", "group_by": "model"},
        audit_pb2.GetQualityRequest(start_date="2026-03-01", group_by=audit_pb2.DIMENSION_MODEL),
    ),
    (
        "/v1/decisions",
        {"start_date": "2026-03-01", "outcome": "out-of-scope", "model": "5f", "page_token": "1"},
        audit_pb2.FindDecisionsRequest(
            start_date="2026-03-01",
            outcome=cases_pb2.OUTCOME_OUT_OF_SCOPE,
            model="5f",
            page_size=50,
            page_token="1",
        ),
    ),
    (
        "/v1/times",
        {"group_by": "agency"},
        audit_pb2.GetTimesRequest(group_by=audit_pb2.DIMENSION_AGENCY),
    ),
    (
        "/v1/fairness",
        {"group_by": "region", "end_date": "2026-03-01"},
        audit_pb2.GetFairnessRequest(end_date="2026-03-01", group_by=audit_pb2.DIMENSION_REGION),
    ),
    (
        "/v1/drift",
        {"reference_end_date": "2026-03-01", "language": "kk"},
        audit_pb2.GetDriftRequest(reference_end_date="2026-03-01", language=pb.LANGUAGE_KK),
    ),
    (
        "/v1/drift/topics",
        {"start_date": "2026-03-01", "language": "kk"},
        cases_pb2.ListTriagedTopicsRequest(start_date="2026-03-01", language=pb.LANGUAGE_KK),
    ),
    (
        "/v1/programmes",
        {"end_date": "2026-03-01"},
        audit_pb2.GetProgrammesRequest(end_date="2026-03-01"),
    ),
]


@pytest.mark.parametrize("question", ASKED, ids=lambda question: question[0])
def test_what_analysts_ask_reaches_who_knows(
    http: httpx.Client, peer: Peer, sign: Sign, question: Question
) -> None:
    """The query is the question; a citizen is refused before."""
    path, query, asked = question
    assert http.get(path, params=query).status_code == 403
    assert http.get(path, params=query, headers=sign(Role.ANALYST)).status_code == 200
    assert peer.asked == [asked]


@pytest.mark.parametrize("question", ASKED, ids=lambda question: question[0])
def test_every_answer_is_a_table_too(http: httpx.Client, sign: Sign, question: Question) -> None:
    """What `format` asks for comes before what Accept says."""
    path, query, _ = question
    headers = {**sign(Role.ANALYST), "Accept": "application/json"}

    answer = http.get(path, params={**query, "format": "csv"}, headers=headers)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(answer.text.splitlines()) == 2


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/quality", {"group_by": "agency"}),
        ("/v1/times", {"group_by": "model"}),
        ("/v1/fairness", {}),
        ("/v1/drift", {"reference_start_date": "yesterday"}),
        ("/v1/programmes", {"format": "xlsx"}),
        ("/v1/coverage/forecast", {"goal": "2029-01-01"}),
    ],
)
def test_what_no_answer_tells_is_refused(
    http: httpx.Client, peer: Peer, sign: Sign, path: str, query: dict[str, str]
) -> None:
    """A group, a day, a form or a name that is none never reaches audit."""
    answer = http.get(path, params=query, headers=sign(Role.ANALYST))

    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID")
    assert peer.asked == []


def row_of(http: httpx.Client, sign: Sign, path: str) -> dict[str, Any]:
    text = http.get(path, params={"format": "csv"}, headers=sign(Role.ANALYST)).text
    (row,) = csv.DictReader(text.splitlines())
    return row


def test_the_parts_of_a_row_are_columns_of_a_table(http: httpx.Client, sign: Sign) -> None:
    """Each share has its columns under its name, those left out too."""
    row = row_of(http, sign, "/v1/quality")

    assert (row["key"], row["misrouted_count"], row["misrouted_of"]) == ("kk", "1", "8")
    assert row["overridden_value"] == ""


def test_a_list_is_one_cell_of_a_table(http: httpx.Client, sign: Sign) -> None:
    """With semicolons in it."""
    assert row_of(http, sign, "/v1/programmes")["services"] == "ai.a; ai.b"
