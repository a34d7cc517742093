"""What offices answer and read over HTTP."""

import httpx
import pytest
from google.protobuf.message import Message

from qyzmet.cases.v1 import cases_pb2
from qyzmet.delivery.v1 import delivery_pb2 as pb
from services.chassis import codec
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import CASE_ID, Peer

GIVEN = {"case_id": CASE_ID, "request_id": "key-1"}
NAMED = GIVEN | {"office": "MIA"}


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        ("accept", pb.AcceptCaseRequest(expected_version=4, **NAMED)),
        ("complete", pb.CompleteCaseRequest(outcome_code="GRANTED", **NAMED)),
        ("return", pb.ReturnCaseRequest(reason_code="NOT_COMPETENT", **NAMED)),
        (
            "return",
            pb.ReturnCaseRequest(
                reason_code="OTHER",
                suggested_service_id="social.pension",
                suggested_office="MTSZN",
                **NAMED,
            ),
        ),
        ("ask", pb.AskCitizenRequest(question_code="WHICH", text="Қайсысы?", **NAMED)),
    ],
)
def test_an_office_answers(
    http: httpx.Client, peer: Peer, sign: Sign, verb: str, asked: Message
) -> None:
    """Each verb reaches delivery with the office, the key and its own fields."""
    body = {name: value for name, value in codec.to_json(asked).items() if name not in GIVEN}

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


def test_a_case_is_split(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """Both cases are answered, and the entity tag is that of the one that was split."""
    body = {"office": "MIA", "text": "Зейнетақым", "suggested_office": "MTSZN"}

    answer = http.post(f"/v1/cases/{CASE_ID}:split", json=body, headers=sign(Role.OFFICER, "MIA"))

    assert (answer.json()["case"]["id"], answer.json()["child"]["id"]) == (CASE_ID, "child")
    assert answer.headers["ETag"] == '"2"'
    assert peer.asked == [cases_pb2.SplitCaseRequest(**GIVEN, **body)]


def test_lateness_is_counted_by_office(http: httpx.Client, sign: Sign) -> None:
    """For analysts, who see which office keeps people waiting."""
    answer = http.get("/v1/alarms", headers=sign(Role.ANALYST))

    (row,) = answer.json()["counts"]
    assert (row["office"], row["unacknowledged_count"], row["overdue_count"]) == ("MIA", 2, 0)
