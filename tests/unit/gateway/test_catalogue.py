"""The draft of the register over HTTP."""

from typing import Any

import httpx
import pytest

from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import Peer

DRAFT = "/v1/catalogue/draft"
PASSPORT = f"{DRAFT}/services/identity.passport"
SERVICE: dict[str, Any] = {
    "id": "identity.passport",
    "title": {"kk": "a", "ru": "b", "en": "c"},
    "agency": "MIA",
    "life_event": "identity",
    "audience": "citizen",
    "channel": "in-person",
}
SENT = pb.Service(
    id="identity.passport",
    title=pb.LocalizedText(kk="a", ru="b", en="c"),
    agency="MIA",
    life_event="identity",
    audience=pb.AUDIENCE_CITIZEN,
    channel=pb.CHANNEL_IN_PERSON,
)


def test_a_service_is_changed_whole(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """By its id in the address; the body holds all that it is to be."""
    body = {"service": SERVICE, "expected_version": 3}
    answer = http.put(PASSPORT, json=body, headers=sign(Role.CATALOGUE_STEWARD))

    assert answer.json()["version"] == 4
    assert peer.asked == [
        pb.ChangeServiceRequest(
            service_id="identity.passport", service=SENT, expected_version=3, request_id="key-1"
        )
    ]


def test_services_are_merged(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """The one in the address stops."""
    body = {"successor_id": "identity.id-card"}
    http.post(f"{PASSPORT}:merge", json=body, headers=sign(Role.CATALOGUE_STEWARD))

    assert peer.asked == [
        pb.MergeServicesRequest(
            service_id="identity.passport", successor_id="identity.id-card", request_id="key-1"
        )
    ]


def test_a_service_is_split(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """The one in the address stays."""
    http.post(f"{PASSPORT}:split", json={"part": SERVICE}, headers=sign(Role.CATALOGUE_STEWARD))

    assert peer.asked == [
        pb.SplitServiceRequest(service_id="identity.passport", part=SENT, request_id="key-1")
    ]


@pytest.mark.parametrize(
    ("verb", "request_"), [("discard", pb.DiscardDraftRequest), ("publish", pb.PublishDraftRequest)]
)
def test_a_draft_is_ended(
    http: httpx.Client, peer: Peer, sign: Sign, verb: str, request_: type[Any]
) -> None:
    """As of the version that was looked at."""
    body = {"expected_version": 3}
    http.post(f"{DRAFT}:{verb}", json=body, headers=sign(Role.CATALOGUE_STEWARD))

    assert peer.asked == [request_(expected_version=3, request_id="key-1")]


def test_the_draft_is_shown_whole_where_it_is_asked(
    http: httpx.Client, peer: Peer, sign: Sign
) -> None:
    """The query reaches the catalogue."""
    http.get(DRAFT, params={"with_catalogue": "true"}, headers=sign(Role.CATALOGUE_STEWARD))

    assert peer.asked == [pb.GetDraftRequest(with_catalogue=True)]


def test_the_trail_is_for_those_who_check_too(http: httpx.Client, sign: Sign) -> None:
    """An analyst sees who changed what."""
    answer = http.get("/v1/catalogue/changes", headers=sign(Role.ANALYST))

    assert answer.json()["changes"][0]["kind"] == "publish"


@pytest.mark.parametrize(
    ("route", "body"),
    [
        (f"PUT {PASSPORT}", {"service": {**SERVICE, "fee": 1}}),
        (f"PUT {PASSPORT}", {"service": {**SERVICE, "channel": "fax"}}),
        (f"PUT {PASSPORT}", {"service": {**SERVICE, "title": {"kk": "a", "ru": "b"}}}),
        (f"PUT {PASSPORT}", {"service": {**SERVICE, "term_days": 1001}}),
        (f"POST {PASSPORT}:merge", {}),
        (f"POST {PASSPORT}:split", {"rest": SERVICE}),
        (f"POST {DRAFT}:discard", {"expected_version": -1}),
        (f"POST {DRAFT}:publish", {}),
        (f"POST {DRAFT}:publish", {"expected_version": "3"}),
        (f"GET {DRAFT}?with_catalogue=perhaps", None),
        ("GET /v1/catalogue/changes?page_size=501", None),
    ],
)
def test_bad_input_reaches_no_service(
    http: httpx.Client, peer: Peer, sign: Sign, route: str, body: Any
) -> None:
    """It is refused at the door, with the field."""
    method, path = route.split()
    answer = http.request(method, path, json=body, headers=sign(Role.CATALOGUE_STEWARD))

    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert peer.asked == []
