"""Cases over HTTP."""

import httpx
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.delivery.v1 import delivery_pb2
from services.chassis import codec
from services.chassis.errors import VersionConflictError
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import CASE_ID, Peer


def test_a_request_gets_a_receipt(http: httpx.Client) -> None:
    """Submitting answers 201 with the number of the case and where to follow it."""
    answer = http.post("/v1/cases", json={"text": "Паспорт"})

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/cases/{CASE_ID}"
    assert answer.links["related"]["url"] == f"/v1/cases/{CASE_ID}/proof"
    assert answer.json()["number"] == "QZ-26-0000042-7"


def test_a_request_reaches_cases_as_it_was_given(http: httpx.Client, peer: Peer) -> None:
    """Words, language, region, contact and key arrive unchanged."""
    given = {"text": "Төлқұжат", "language": "kk", "region": "75", "contact": "a@example.org"}

    http.post("/v1/cases", json=given, headers={"Idempotency-Key": "key-7"})

    assert peer.asked == [
        pb.SubmitCaseRequest(
            request_id="key-7", text="Төлқұжат", language=1, region="75", contact="a@example.org"
        )
    ]


def test_a_case_is_told_in_the_one_json(http: httpx.Client) -> None:
    """Enums are lower-case kebab, times end in Z, numbers are numbers."""
    case = http.get(f"/v1/cases/{CASE_ID}").json()

    assert case["state"] == "confirmation-requested"
    assert case["channel"] == "in-person"
    assert case["submit_time"] == "2026-01-18T09:30:00.000000Z"
    assert case["decision"]["probability"] == 0.62


def test_a_page_of_cases_names_the_next(http: httpx.Client) -> None:
    """A page carries the token of the page after it."""
    page = http.get("/v1/cases").json()

    assert [case["id"] for case in page["cases"]] == [CASE_ID]
    assert page["next_page_token"] == "next"


def test_a_page_is_asked_for_by_state_and_office(http: httpx.Client, peer: Peer) -> None:
    """The filters of the query reach cases."""
    query = {"state": "information-requested", "office": "MIA", "page_size": 7, "page_token": "t"}

    http.get("/v1/cases", params=query)

    assert peer.asked == [
        pb.ListCasesRequest(
            page_size=7, page_token="t", state=pb.STATE_INFORMATION_REQUESTED, office="MIA"
        )
    ]


def test_a_queue_is_asked_for_by_what_is_due(http: httpx.Client, peer: Peer) -> None:
    """What is due before a moment, the soonest first, of one service."""
    query = {
        "due_before": "2026-01-20T00:00:00+05:00",
        "order": "due",
        "service_id": "identity.passport",
    }

    answer = http.get("/v1/cases", params=query)

    assert answer.status_code == 200
    assert peer.asked == [
        pb.ListCasesRequest(
            page_size=50,
            service_id="identity.passport",
            due_before=Timestamp(seconds=1_768_849_200),
            order=pb.CASE_ORDER_DUE,
        )
    ]


def test_a_misspelt_filter_is_refused(http: httpx.Client, peer: Peer) -> None:
    """A filter nobody knows does not silently list everything."""
    answer = http.get("/v1/cases", params={"stat": "routed"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "stat"
    assert peer.asked == []


def test_the_words_of_a_case_are_read_apart(http: httpx.Client) -> None:
    """The citizen's words have their own route and are never kept by caches."""
    answer = http.get(f"/v1/cases/{CASE_ID}/text")

    assert answer.json() == {"text": "Паспорт", "messages": [], "recent_readings": []}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_case_is_taken_back_with_an_empty_body(http: httpx.Client, peer: Peer) -> None:
    """Withdrawing needs nothing but the case and the key."""
    answer = http.post(f"/v1/cases/{CASE_ID}:withdraw")

    assert answer.status_code == 200
    assert peer.asked == [pb.WithdrawCaseRequest(case_id=CASE_ID, request_id="key-1")]


def test_a_case_is_taken_back_at_the_version_seen(http: httpx.Client, peer: Peer) -> None:
    """The version the citizen saw goes along."""
    http.post(f"/v1/cases/{CASE_ID}:withdraw", json={"expected_version": 3})

    assert peer.asked[0].expected_version == 3


def test_what_a_citizen_was_told_is_listed(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """The states and ways are named in words; what is not known is left out."""
    answer = http.get(f"/v1/cases/{CASE_ID}/notices", headers=sign(Role.OFFICER, "MIA"))

    (told,) = answer.json()["notices"]
    assert (told["template"], told["state"], told["channel"]) == ("routed", "sent", "email")
    assert "due_time" not in told
    assert peer.asked == [delivery_pb2.ListNoticesRequest(case_id=CASE_ID)]


def test_decisions_are_for_analysts(http: httpx.Client, sign: Sign) -> None:
    """An analyst reads the record of decisions."""
    answer = http.get(f"/v1/cases/{CASE_ID}/decisions", headers=sign(Role.ANALYST))

    assert answer.json()["decisions"] == [{"case_id": CASE_ID, "case_version": 2}]


def test_a_case_is_found_by_its_number(http: httpx.Client, peer: Peer) -> None:
    """The number on the receipt is a filter like the others."""
    http.get("/v1/cases", params={"number": "QZ-26-0000042-7"})

    assert peer.asked == [pb.ListCasesRequest(page_size=50, number="QZ-26-0000042-7")]


def test_a_triage_officer_reads_masked_words(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """What is to be sorted is read with what was said since, without personal data."""
    answer = http.get(f"/v1/cases/{CASE_ID}/masked-text", headers=sign(Role.TRIAGE_OFFICER))

    assert answer.json()["text"] == "ИИН [IIN]"
    assert peer.asked == [pb.BatchGetMaskedTextRequest(case_ids=[CASE_ID], include_messages=True)]


def test_who_read_what_is_asked_for_by_case_and_by_subject(
    http: httpx.Client, peer: Peer, sign: Sign
) -> None:
    """Both filters reach cases, and the answer names the reader."""
    query = {"case_id": CASE_ID, "subject": "officer-1"}

    answer = http.get("/v1/readings", params=query, headers=sign(Role.ADMINISTRATOR))

    assert answer.json()["readings"][0]["subject"] == "officer-1"
    assert peer.asked == [pb.ListReadingsRequest(page_size=50, **query)]


@pytest.mark.parametrize("takes", [False, True])
def test_a_case_is_opened_and_taken_over(
    http: httpx.Client, peer: Peer, sign: Sign, takes: bool
) -> None:
    """The answer names who has it open; no key is needed, since it does nothing twice."""
    answer = http.post(
        f"/v1/cases/{CASE_ID}:open", json={"take_over": takes}, headers=sign(Role.OFFICER)
    )

    assert answer.json()["opening"]["subject"] == "officer-1"
    assert peer.asked == [pb.OpenCaseRequest(case_id=CASE_ID, take_over=takes)]


def test_a_citizen_answers_a_question(http: httpx.Client, peer: Peer) -> None:
    """The words of the answer reach cases as they were given."""
    http.post(f"/v1/cases/{CASE_ID}:answer", json={"text": "Біріншісі", "expected_version": 5})

    assert peer.asked == [
        pb.ProvideInformationRequest(
            case_id=CASE_ID, request_id="key-1", text="Біріншісі", expected_version=5
        )
    ]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_case_comes_with_its_version_as_entity_tag(http: httpx.Client, method: str) -> None:
    """What is read and what a change leads to can be named in the next change."""
    path = f"/v1/cases/{CASE_ID}" + (":withdraw" if method == "POST" else "")

    assert http.request(method, path).headers["ETag"] == '"2"'


@pytest.mark.parametrize(("tag", "version"), [('"7"', 7), ("*", 0)])
def test_an_entity_tag_is_the_version_seen(
    http: httpx.Client, peer: Peer, tag: str, version: int
) -> None:
    """If-Match says the same as expected_version; any version is any version."""
    http.post(f"/v1/cases/{CASE_ID}:withdraw", headers={"If-Match": tag})

    assert peer.asked[0].expected_version == version


def test_a_change_of_something_old_fails_its_precondition(http: httpx.Client, peer: Peer) -> None:
    """HTTP's own answer to If-Match, with the same code as without it."""
    peer.fail = VersionConflictError("the case has version 3 now")

    answer = http.post(f"/v1/cases/{CASE_ID}:withdraw", headers={"If-Match": '"2"'})

    assert (answer.status_code, answer.json()["code"]) == (412, "VERSION_CONFLICT")


@pytest.mark.parametrize("tag", ["2", 'W/"2"', '"x"', '"2", "3"', ""])
def test_what_is_no_version_is_no_precondition(http: httpx.Client, peer: Peer, tag: str) -> None:
    """A tag nobody gave is refused; nothing is changed past it."""
    answer = http.post(f"/v1/cases/{CASE_ID}:withdraw", headers={"If-Match": tag})

    assert answer.status_code == 400
    assert peer.asked == []


def test_two_versions_at_once_are_refused(http: httpx.Client, peer: Peer) -> None:
    """Body and header must not say different things."""
    answer = http.post(
        f"/v1/cases/{CASE_ID}:withdraw", json={"expected_version": 3}, headers={"If-Match": '"2"'}
    )

    assert answer.json()["errors"][0]["field"] == "expected_version"
    assert peer.asked == []


def test_reasons_are_told_in_words(http: httpx.Client) -> None:
    """A portal can show what a code means."""
    answer = http.get("/v1/reasons")

    assert answer.json() == {"reasons": [{"code": "HOP_CAP", "text": {"en": "Twice returned."}}]}


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        ("reopen", pb.ReopenCaseRequest(text="Жауап жоқ")),
        ("reopen", pb.ReopenCaseRequest()),
        ("object", pb.ObjectToDecisionRequest(text="Бұл менің сұрағым емес")),
        ("rate", pb.RateCaseRequest(stars=4)),
    ],
)
def test_a_citizen_has_the_last_word(
    http: httpx.Client, peer: Peer, verb: str, asked: Message
) -> None:
    """Each wish reaches cases with what was said."""
    body = {name: value for name, value in codec.to_json(asked).items() if value}

    http.post(f"/v1/cases/{CASE_ID}:{verb}", json=body)

    asked.MergeFrom(type(asked)(case_id=CASE_ID, request_id="key-1"))
    assert peer.asked == [asked]


@pytest.mark.parametrize("stars", [0, 6, "4", 4.5, None])
def test_an_opinion_has_one_to_five_stars(http: httpx.Client, peer: Peer, stars: object) -> None:
    """Anything else is refused by its field."""
    answer = http.post(f"/v1/cases/{CASE_ID}:rate", json={"stars": stars})

    assert answer.json()["errors"][0]["field"] == "stars"
    assert peer.asked == []


def test_an_administrator_erases_a_case(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """Nobody else may; the key of the request names the wish."""
    path = f"/v1/cases/{CASE_ID}:erase"

    assert http.post(path).status_code == 403
    assert http.post(path, headers=sign(Role.ADMINISTRATOR)).json()["id"] == CASE_ID
    assert peer.asked == [pb.EraseCaseRequest(case_id=CASE_ID, request_id="key-1")]
