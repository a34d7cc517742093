"""The register of services over HTTP."""

import httpx

from qyzmet.catalog.v1 import catalog_pb2 as pb
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
