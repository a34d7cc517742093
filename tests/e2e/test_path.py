"""The way of a request: from a citizen's words to an office, and the answer back."""

import pytest

from services.chassis.principal import Role
from tests.e2e.conftest import ON_EVERY_TIER, Eventually, Settled
from tests.e2e.people import Town
from tests.e2e.words import Words

pytestmark = ON_EVERY_TIER

LANGUAGES = ("kk", "ru", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_reaches_the_feed_of_its_office_once(
    town: Town, words: Words, settled: Settled, eventually: Eventually, language: str
) -> None:
    """In any of the three languages, one request becomes one event in the office's feed."""
    citizen, text = town.citizen(), words.of("route", language=language)

    case = settled(citizen, citizen.submit(text)["id"])

    assert case["state"] == "routed"
    eventually(lambda: town.told(case["office"], case["id"]) == ["routed"])


def test_a_receipt_names_the_case_and_where_to_follow_it(town: Town, words: Words) -> None:
    """The answer to a submission is 201 with a number for people and a link for programs."""
    citizen = town.citizen()

    answer = citizen.post("/v1/cases", {"text": words.of("route")})

    receipt = answer.json()
    assert answer.status_code == 201
    assert receipt["number"].startswith("QZ-")
    assert citizen.get(answer.headers["location"]).json()["number"] == receipt["number"]


def test_whoever_is_in_danger_is_told_whom_to_call(town: Town) -> None:
    """In the receipt and in the suggestions, with the number; the request is accepted too."""
    citizen, text = town.citizen(), "үй өртеніп жатыр, тез келіңіздер"

    receipt = citizen.submit(text)
    suggestion = citizen.json(citizen.post("/v1/suggestions", {"text": text}))

    assert receipt["state"] == "submitted"
    assert receipt["emergency"]["number"] == suggestion["emergency"]["number"] == "101"


def test_the_timeline_tells_the_citizen_what_the_office_did(
    town: Town, words: Words, settled: Settled
) -> None:
    """Each step stands in the timeline, in order, with its version and who took it."""
    citizen = town.citizen()
    case = settled(citizen, citizen.submit(words.of("route"))["id"])
    office = case["office"]

    town.officer(office).act(case["id"], "accept", office=office)
    town.officer(office).act(case["id"], "complete", office=office, outcome_code="GRANTED")

    told = citizen.case(case["id"])["timeline"]
    assert [(step["case_version"], step["type"], step["actor"]) for step in told] == [
        (1, "submitted", "citizen"),
        (2, "routed", "model"),
        (3, "accepted", "officer"),
        (4, "completed", "officer"),
    ]
    assert told[-1]["reason_code"] == "GRANTED"


def test_an_unsure_one_waits_for_its_citizen(town: Town, words: Words, settled: Settled) -> None:
    """Where the model is not sure, the citizen's choice among the offers brings it to an office."""
    citizen = town.citizen()
    asked = settled(citizen, citizen.submit(words.of("confirm", reason_code="UNSURE"))["id"])
    offered = [one["service_id"] for one in asked["decision"]["alternatives"]]

    case = citizen.act(asked["id"], "confirm", service_id=offered[-1], region="75")

    assert asked["state"] == "confirmation-requested"
    assert (case["state"], case["service_id"]) == ("routed", offered[-1])
    assert case["decision"]["actor"] == "citizen"


def test_a_citizen_may_ask_for_a_person(town: Town, words: Words, settled: Settled) -> None:
    """Where no offer fits, the wish for a person puts the case with the triage officers."""
    citizen = town.citizen()
    asked = settled(citizen, citizen.submit(words.of("confirm"))["id"])

    case = citizen.act(asked["id"], "confirm", ask_person=True)

    assert (case["state"], case["decision"]["reason_code"]) == ("triaged", "ASKED_FOR_PERSON")


def test_a_service_that_was_not_offered_cannot_be_confirmed(
    town: Town, words: Words, settled: Settled
) -> None:
    """A citizen chooses among the offers only, and the case stays as it was."""
    citizen = town.citizen()
    asked = settled(citizen, citizen.submit(words.of("confirm"))["id"])

    answer = citizen.attempt(asked["id"], "confirm", service_id="identity.no-such-service")

    assert (answer.status_code, answer.json()["code"]) == (400, "NOT_OFFERED")
    assert citizen.case(asked["id"]) == asked


def test_a_triage_officer_assigns_what_the_model_could_not(
    town: Town, words: Words, settled: Settled
) -> None:
    """What the model knows nothing of goes to a person, whose word brings it to an office."""
    citizen, officer = town.citizen(), town.one(Role.TRIAGE_OFFICER)
    triaged = settled(citizen, citizen.submit(words.of("triage"))["id"])

    case = officer.act(triaged["id"], "assign", service_id="identity.passport")

    assert triaged["state"] == "triaged"
    assert (case["state"], case["office"]) == ("routed", "MIA")
    assert case["decision"]["actor"] == "triage-officer"


def test_of_two_triage_officers_the_second_is_told_that_it_is_chosen(
    town: Town, words: Words, settled: Settled
) -> None:
    """And the first, whose answer was lost, gets it again."""
    citizen, officer = town.citizen(), town.one(Role.TRIAGE_OFFICER)
    triaged = settled(citizen, citizen.submit(words.of("triage"))["id"])
    choice = {"service_id": "identity.passport"}
    first = officer.act(triaged["id"], "assign", key="first", **choice)

    second = officer.attempt(triaged["id"], "assign", key="second", **choice)

    assert (second.status_code, second.json()["code"]) == (409, "STATE_CONFLICT")
    again = officer.act(triaged["id"], "assign", key="first", **choice)
    assert (again["office"], again["decision"]["id"]) == (first["office"], first["decision"]["id"])


def test_only_a_triage_officer_says_that_nothing_handles_a_request(
    town: Town, words: Words, settled: Settled
) -> None:
    """The model may think so, but the case is completed by a person's word alone."""
    citizen, officer = town.citizen(), town.one(Role.TRIAGE_OFFICER)
    triaged = settled(citizen, citizen.submit(words.of("out-of-scope"))["id"])

    case = officer.act(triaged["id"], "assign", out_of_scope=True)

    assert (triaged["state"], triaged["decision"]["outcome"]) == ("triaged", "out-of-scope")
    assert (case["state"], case["decision"]["actor"]) == ("completed", "triage-officer")
    assert "office" not in case


def test_a_regional_service_asks_where_the_citizen_lives(
    town: Town, words: Words, settled: Settled
) -> None:
    """Without a region no akimat can be chosen; the citizen is asked, and then it is theirs."""
    citizen = town.citizen()
    text = words.of("confirm", reason_code="REGION_REQUIRED")
    asked = settled(citizen, citizen.submit(text)["id"])
    service = asked["decision"]["service_id"]

    refused = citizen.attempt(asked["id"], "confirm", service_id=service)
    case = citizen.act(asked["id"], "confirm", service_id=service, region="75")

    assert (refused.status_code, refused.json()["code"]) == (400, "REGION_REQUIRED")
    assert (asked["decision"]["reason_code"], case["office"]) == ("REGION_REQUIRED", "akimat-75")


def test_a_region_given_at_once_needs_no_question(
    town: Town, words: Words, settled: Settled
) -> None:
    """With the region in the request a regional service goes to its akimat by itself."""
    citizen = town.citizen()
    text = words.of("confirm", reason_code="REGION_REQUIRED")

    case = settled(citizen, citizen.submit(text, region="71")["id"])

    assert (case["state"], case["office"]) == ("routed", "akimat-71")


@pytest.mark.parametrize("outcome", ["route", "confirm", "triage"])
def test_a_citizen_takes_a_request_back_wherever_it_stands(
    town: Town, words: Words, settled: Settled, outcome: str
) -> None:
    """With an office, with the citizen or with a person: it ends, and saying so twice is once."""
    citizen = town.citizen()
    case = settled(citizen, citizen.submit(words.of(outcome))["id"])

    first = citizen.act(case["id"], "withdraw", key="enough")
    again = citizen.act(case["id"], "withdraw", key="enough")

    assert (first["state"], first["version"]) == ("withdrawn", case["version"] + 1)
    assert again == first


def test_an_office_learns_that_a_case_was_withdrawn(
    town: Town, words: Words, settled: Settled, eventually: Eventually
) -> None:
    """The office that held it is told in its feed, and can accept it no more."""
    citizen = town.citizen()
    case = settled(citizen, citizen.submit(words.of("route"))["id"])
    officer = town.officer(case["office"])

    citizen.act(case["id"], "withdraw")

    refused = officer.attempt(case["id"], "accept", office=case["office"])
    assert (refused.status_code, refused.json()["code"]) == (409, "STATE_CONFLICT")
    eventually(lambda: town.told(case["office"], case["id"]) == ["routed", "withdrawn"])
