"""What holds for every request: one key one case, one truth in all answers, honest counts."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e import doors
from tests.e2e.conftest import ON_EVERY_TIER, Eventually, Settled
from tests.e2e.doors import CALLS
from tests.e2e.people import Town
from tests.e2e.words import Words

pytestmark = ON_EVERY_TIER

WITH_OFFICE = ("routed", "accepted", "information-requested", "completed")


def test_the_same_key_gets_the_same_receipt_whatever_happened_since(
    town: Town, words: Words, settled: Settled
) -> None:
    """A repetition is answered 201 with the very first answer, and there is one case."""
    citizen, body = town.citizen(), {"text": words.of("route")}
    first = citizen.post("/v1/cases", body, key="once")
    settled(citizen, first.json()["id"])

    again = citizen.post("/v1/cases", body, key="once")

    assert (again.status_code, again.json()) == (201, first.json())
    assert len(citizen.cases()) == 1


def test_the_same_key_with_another_body_is_refused(town: Town, words: Words) -> None:
    """A key names one request; using it for another is 422 and makes no case."""
    citizen = town.citizen()
    citizen.submit(words.of("route"), key="once")

    answer = citizen.post("/v1/cases", {"text": words.of("confirm")}, key="once")

    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(citizen.cases()) == 1


def test_many_at_once_with_one_key_make_one_case(town: Town, words: Words) -> None:
    """A portal that repeats itself in parallel gets one case and one answer."""
    citizen, body = town.citizen(), {"text": words.of("route")}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: citizen.post("/v1/cases", body, key="once"), range(16)))

    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len(citizen.cases()) == 1


@pytest.mark.parametrize("outcome", ["route", "confirm", "triage", "out-of-scope"])
def test_a_suggestion_is_what_would_be_decided(
    town: Town, words: Words, settled: Settled, outcome: str
) -> None:
    """For the same words, asking and submitting give the same outcome, reason and services."""
    citizen, text = town.citizen(), words.of(outcome)
    suggestion = words.suggestion(text)

    decision = settled(citizen, citizen.submit(text)["id"])["decision"]

    same = ("outcome", "reason_code", "language", "model", "catalogue_version", "policy_version")
    assert {name: decision.get(name) for name in same} == {
        name: suggestion.get(name) for name in same
    }
    assert _services(decision["alternatives"]) == _services(suggestion["suggestions"])


def test_the_coverage_counts_the_cases_that_stand_with_offices(
    town: Town, words: Words, settled: Settled, eventually: Eventually
) -> None:
    """The number of cases with offices, as listed one by one, is the number told."""
    citizen, everybody = town.citizen(), town.administrator()
    settled(citizen, citizen.submit(words.of("route"))["id"])

    def told_is_listed() -> bool:
        listed = [case for case in everybody.cases() if case.get("office")]
        listed = [case for case in listed if case["state"] in WITH_OFFICE]
        online = sum(case["channel"] == "online" for case in listed)
        told = town.anonymous.get("/v1/coverage").json()
        counts = told["routed_case_count"], told["online_case_count"]
        return bool(listed) and counts == (len(listed), online)

    eventually(told_is_listed)


def test_the_coverage_knows_the_register(town: Town) -> None:
    """The number of services told is the number of services listed."""
    services, token = 0, ""
    while page := town.anonymous.get("/v1/services", page_size=100, page_token=token).json():
        services += len(page["services"])
        if not (token := page.get("next_page_token", "")):
            break

    assert town.anonymous.get("/v1/coverage").json()["service_count"] == services


OF_WEBHOOKS = {"activate", "rotate", "send again", "attempts", "dead letters"}
"""Calls that only a webhook answers: tests/e2e/test_bad_subscriptions.py and tests/integration."""
SEALED = {"checkpoint", "consistency", "decision proof"}
"""Calls that wait for the next checkpoint."""
OF_MODELS = doors.MODELS.keys() | doors.SHADOWS.keys()
"""Calls about other models than the one here, which a setting names."""


@pytest.mark.parametrize("name", sorted(CALLS.keys() - OF_WEBHOOKS - SEALED - OF_MODELS))
def test_a_call_without_a_fault_is_answered(
    town: Town, words: Words, settled: Settled, name: str
) -> None:
    """Each route's good call succeeds: the same calls that are refused with one fault in them."""
    street = doors.build(town, words, settled)

    answer = CALLS[name].make(town.client, street)

    assert answer.status_code == (201 if name == "submit" else 200), answer.text


@pytest.mark.parametrize("name", sorted(SEALED))
def test_what_was_decided_is_sealed_soon(
    town: Town, words: Words, settled: Settled, eventually: Eventually, name: str
) -> None:
    """A record has its proof as soon as the next checkpoint is made."""
    doors.build(town, words, settled)
    eventually(lambda: town.anonymous.get("/v1/audit/checkpoint").is_success)
    street = doors.build(town, words, settled)

    eventually(lambda: CALLS[name].make(town.client, street).status_code == 200)


@pytest.mark.parametrize("name", sorted(OF_WEBHOOKS))
def test_a_stream_is_no_webhook(town: Town, words: Words, settled: Settled, name: str) -> None:
    """What only webhooks have is refused to a stream, and told so."""
    street = doors.build(town, words, settled)

    answer = CALLS[name].make(town.client, street)

    doors.refused(answer, 409, "WRONG_KIND")


def _services(found: Iterable[dict[str, object]]) -> list[tuple[object, object]]:
    return [(one["service_id"], one["probability"]) for one in found]


@pytest.mark.parametrize("name", sorted(doors.MODELS))
def test_a_model_that_a_setting_names_stays(
    town: Town, words: Words, settled: Settled, name: str
) -> None:
    """No other is proposed that would never answer."""
    street = doors.build(town, words, settled)

    answer = CALLS[name].make(town.client, street)

    doors.refused(answer, 409, "MODEL_PINNED")


@pytest.mark.parametrize("name", sorted(doors.SHADOWS))
def test_what_is_not_stored_does_not_look_on(
    town: Town, words: Words, settled: Settled, name: str
) -> None:
    """Also where a setting names the model that answers."""
    street = doors.build(town, words, settled)

    answer = CALLS[name].make(town.client, street)

    doors.refused(answer, 404, "NOT_FOUND")
