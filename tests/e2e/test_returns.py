"""Cases that an office gave back: decided again, elsewhere, and not for ever."""

from typing import Any

import pytest

from services.chassis.principal import Role
from tests.e2e.conftest import ON_EVERY_TIER, Eventually, Settled
from tests.e2e.people import Person, Town
from tests.e2e.words import Words

pytestmark = ON_EVERY_TIER

ELSEWHERE = ("identity.passport", "legal.criminal-record", "study.apostille")
Case = dict[str, Any]


def returned(town: Town, case: Case) -> None:
    """Let the office that holds a case give it back."""
    officer = town.officer(case["office"])
    officer.act(case["id"], "return", office=case["office"], reason_code="NOT_COMPETENT")


def assigned_elsewhere(town: Town, case_id: str) -> Case:
    """Let a triage officer send a case to an office that has not had it."""
    officer = town.one(Role.TRIAGE_OFFICER)
    answers = (officer.attempt(case_id, "assign", service_id=one) for one in ELSEWHERE)
    return next(answer.json() for answer in answers if answer.is_success)


def has_several_owners(suggestion: Case) -> bool:
    """Tell whether the likeliest and the least likely service belong to different agencies."""
    owners = [one["agency"] for one in suggestion["suggestions"]]
    return bool(owners[0] != owners[-1])


@pytest.fixture
def citizen(town: Town) -> Person:
    return town.citizen()


@pytest.fixture
def case(town: Town, citizen: Person, words: Words, settled: Settled) -> Case:
    """Return a case that its citizen sent to an unlikely office, which gave it back."""
    text = words.of("confirm", reason_code="UNSURE", where=has_several_owners)
    asked = settled(citizen, citizen.submit(text, region="75")["id"])
    unlikely = asked["decision"]["alternatives"][-1]["service_id"]
    returned(town, citizen.act(asked["id"], "confirm", service_id=unlikely))
    return settled(citizen, asked["id"])


def test_a_returned_case_is_decided_again_but_not_to_the_same_office(
    town: Town, words: Words, case: Case
) -> None:
    """Its citizen is asked again, and what the office handles is offered no more."""
    text = words.of("confirm", reason_code="UNSURE", where=has_several_owners)
    suggested = words.suggestion(text)["suggestions"]
    unlikely = suggested[-1]["agency"]

    offered = [one["service_id"] for one in case["decision"]["alternatives"]]

    assert case["state"] == "confirmation-requested"
    assert offered == [one["service_id"] for one in suggested if one["agency"] != unlikely]


def test_a_triage_officer_cannot_send_it_back_either(
    town: Town, citizen: Person, words: Words, settled: Settled
) -> None:
    """The rule holds for people too: the same service again is refused and changes nothing."""
    routed = settled(citizen, citizen.submit(words.of("route"))["id"])
    returned(town, routed)
    case = settled(citizen, routed["id"])
    service = routed["service_id"]

    answer = town.one(Role.TRIAGE_OFFICER).attempt(case["id"], "assign", service_id=service)

    assert (answer.status_code, answer.json()["code"]) == (409, "RETURNED_BY_OFFICE")
    assert citizen.case(case["id"]) == case


def test_after_two_hops_a_person_decides(
    town: Town, citizen: Person, case: Case, settled: Settled
) -> None:
    """Given back by a second office it is no longer for the model, nor for the citizen."""
    second = assigned_elsewhere(town, case["id"])
    returned(town, second)

    last = settled(citizen, case["id"])

    assert last["returned_by"] == [*case["returned_by"], second["office"]]
    assert (last["state"], last["decision"]["reason_code"]) == ("triaged", "HOP_CAP")


def test_the_office_that_gave_it_back_cannot_answer_it(town: Town, case: Case) -> None:
    """Who gave a case back holds it no more."""
    office = case["returned_by"][0]

    answer = town.officer(office).attempt(case["id"], "accept", office=office)

    assert (answer.status_code, answer.json()["code"]) == (404, "CASE_NOT_FOUND")


def test_the_audit_keeps_one_row_for_each_decision_by_whomever(
    town: Town, case: Case, eventually: Eventually
) -> None:
    """Model, citizen, model again after the return, triage officer: a row for each, in order."""
    assigned_elsewhere(town, case["id"])
    analyst = town.one(Role.ANALYST)

    def rows() -> list[tuple[int, str]]:
        found = analyst.get(f"/v1/cases/{case['id']}/decisions").json()["decisions"]
        return [(row["case_version"], row["decision"]["actor"]) for row in found]

    eventually(lambda: len(rows()) >= 4)
    assert rows() == [(2, "model"), (3, "citizen"), (5, "model"), (6, "triage-officer")]
