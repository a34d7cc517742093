"""What offices answer and read over HTTP."""

import httpx
import pytest

from qyzmet.delivery.v1 import delivery_pb2 as pb
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import CASE_ID, Peer

NAMED = {"case_id": CASE_ID, "request_id": "key-1", "office": "MIA"}


@pytest.mark.parametrize(
    ("verb", "more", "asked"),
    [
        ("accept", {}, pb.AcceptCaseRequest(**NAMED)),
        ("accept", {"expected_version": 4}, pb.AcceptCaseRequest(expected_version=4, **NAMED)),
        (
            "complete",
            {"outcome_code": "GRANTED"},
            pb.CompleteCaseRequest(outcome_code="GRANTED", **NAMED),
        ),
        (
            "return",
            {"reason_code": "NOT_COMPETENT"},
            pb.ReturnCaseRequest(reason_code="NOT_COMPETENT", **NAMED),
        ),
    ],
)
def test_an_office_answers(
    http: httpx.Client, peer: Peer, sign: Sign, verb: str, more: dict, asked: object
) -> None:
    """Each verb reaches delivery with the office, the key and its own fields."""
    body = {"office": "MIA", **more}

    answer = http.post(f"/v1/cases/{CASE_ID}:{verb}", json=body, headers=sign(Role.OFFICER, "MIA"))

    assert answer.json()["id"] == CASE_ID
    assert peer.asked == [asked]


def test_a_return_needs_a_reason(http: httpx.Client, sign: Sign) -> None:
    """A case is not sent back without saying why."""
    answer = http.post(
        f"/v1/cases/{CASE_ID}:return", json={"office": "MIA"}, headers=sign(Role.OFFICER, "MIA")
    )

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "reason_code", "detail": "Field required"}]


def test_a_feed_is_read_from_a_cursor(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """The feed answers with what comes after the sequence given."""
    answer = http.get("/v1/offices/MIA/events?after_sequence=7", headers=sign(Role.OFFICER, "MIA"))

    assert [event["sequence"] for event in answer.json()["events"]] == [8]
    assert peer.asked == [pb.ListFeedEventsRequest(office="MIA", after_sequence=7, page_size=100)]
