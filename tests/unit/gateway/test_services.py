"""The register of services over HTTP."""

import httpx
import pytest

from qyzmet.audit.v1 import audit_pb2
from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import Peer


def test_services_are_listed_by_life_event_and_agency(http: httpx.Client, peer: Peer) -> None:
    """The filters of the query reach the catalogue."""
    answer = http.get("/v1/services", params={"life_event": "identity", "agency": "MIA"})

    assert answer.json()["services"][0]["id"] == "identity.passport"
    assert peer.asked == [
        pb.ListServicesRequest(page_size=100, life_event="identity", agency="MIA")
    ]


def test_a_service_is_looked_up(http: httpx.Client, peer: Peer) -> None:
    """A service is found by its id."""
    answer = http.get("/v1/services/identity.passport")

    assert answer.json()["channel"] == "online"
    assert peer.asked == [pb.GetServiceRequest(service_id="identity.passport")]


def test_coverage_is_open_to_all(http: httpx.Client) -> None:
    """Anybody may see how many services are online."""
    assert http.get("/v1/coverage").json()["online_service_share"] == 0.92


def test_the_coverage_by_day_is_for_analysts(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """The filters of the query reach audit; a citizen is refused."""
    query = {"start_date": "2026-03-01", "group_by": "life-event", "language": "kk", "region": "75"}
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
