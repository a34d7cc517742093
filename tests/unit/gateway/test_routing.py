"""Suggestions and choices over HTTP."""

import httpx
import pytest

from qyzmet.routing.v1 import routing_pb2 as pb
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import CASE_ID, Peer


def test_suggestions_need_no_key(http: httpx.Client) -> None:
    """Nothing is kept of a suggestion, so it needs no idempotency key."""
    del http.headers["Idempotency-Key"]

    answer = http.post("/v1/suggestions", json={"text": "Төлқұжат"})

    assert answer.status_code == 200


def test_a_suggestion_names_language_outcome_and_services(http: httpx.Client) -> None:
    """A text is answered with what would be decided about it."""
    told = http.post("/v1/suggestions", json={"text": "Төлқұжат"}).json()

    assert (told["language"], told["outcome"]) == ("kk", "out-of-scope")
    assert told["suggestions"][0]["service_id"] == "identity.passport"
    assert told["suggestions"][0]["probability"] == 0.5


def test_a_citizen_confirms_a_service(http: httpx.Client, peer: Peer) -> None:
    """The choice reaches routing with the region and the version seen."""
    body = {"service_id": "identity.passport", "region": "75", "expected_version": 2}

    http.post(f"/v1/cases/{CASE_ID}:confirm", json=body)

    assert peer.asked == [pb.ConfirmCaseRequest(case_id=CASE_ID, request_id="key-1", **body)]


def test_a_citizen_asks_for_a_person(http: httpx.Client, peer: Peer) -> None:
    """Asking for a person reaches routing as a choice without a service."""
    http.post(f"/v1/cases/{CASE_ID}:confirm", json={"ask_person": True})

    assert peer.asked == [pb.ConfirmCaseRequest(case_id=CASE_ID, request_id="key-1")]


@pytest.mark.parametrize("body", [{}, {"service_id": "a", "ask_person": True}])
def test_a_confirmation_is_one_choice(http: httpx.Client, peer: Peer, body: dict) -> None:
    """Neither choice and both choices are refused; nothing is guessed."""
    answer = http.post(f"/v1/cases/{CASE_ID}:confirm", json=body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == "give either service_id or ask_person: true"
    assert peer.asked == []


def test_a_triage_officer_assigns_a_service(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """The officer's choice reaches routing."""
    body = {"service_id": "identity.passport"}

    http.post(f"/v1/cases/{CASE_ID}:assign", json=body, headers=sign(Role.TRIAGE_OFFICER))

    assert peer.asked == [pb.AssignCaseRequest(case_id=CASE_ID, request_id="key-1", **body)]


def test_a_triage_officer_says_nobody_handles_it(
    http: httpx.Client, peer: Peer, sign: Sign
) -> None:
    """Out of scope is said in so many words, and reaches routing without a service."""
    body = {"out_of_scope": True}

    http.post(f"/v1/cases/{CASE_ID}:assign", json=body, headers=sign(Role.TRIAGE_OFFICER))

    assert peer.asked == [pb.AssignCaseRequest(case_id=CASE_ID, request_id="key-1")]


def test_an_assignment_without_a_choice_is_refused(http: httpx.Client, sign: Sign) -> None:
    """A forgotten field never ends a case as out of scope."""
    answer = http.post(f"/v1/cases/{CASE_ID}:assign", json={}, headers=sign(Role.TRIAGE_OFFICER))

    assert answer.status_code == 400
