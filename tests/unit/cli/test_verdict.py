"""A decision made again by the policy of its time: what it made of the model's word."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.cli.verdict import held
from services.cases.domain import Actor, Happening, State, Step
from services.routing.domain import (
    Alternative,
    Catalogue,
    Channel,
    Classification,
    Facts,
    Language,
    LocalizedText,
    Policy,
    Service,
    Thresholds,
)

SERVICES = [
    Service("identity.passport", LocalizedText(), "MIA", Channel.ONLINE),
    Service("housing.queue", LocalizedText(), "AKIMAT", Channel.IN_PERSON, regional=True),
]
CATALOGUE = Catalogue.of("c1", SERVICES, ["75"])
POLICY = Policy(version="p1")
SEEN = Classification(
    language=Language.KK,
    suggestions=(Alternative("identity.passport", 0.9), Alternative("housing.queue", 0.05)),
    model="m1",
    route_threshold=0.8,
    confirm_threshold=0.3,
)
RECORD = {
    "case": "1",
    "policy": "p1",
    "outcome": "route",
    "reason": "CONFIDENT",
    "service": "identity.passport",
    "office": "MIA",
    "thresholds": [800_000_000_000, 300_000_000_000],
}


def step(type_: Happening) -> Step:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    return Step(
        case_version=1,
        type=type_,
        event_time=moment,
        state=State.SUBMITTED,
        actor=Actor.CITIZEN,
    )


SUBMITTED = [step(Happening.SUBMITTED)]


def test_what_the_policy_made_of_it_is_the_same() -> None:
    """Thresholds, outcome, reason, service and office."""
    found = held(RECORD, SEEN, CATALOGUE, POLICY, SUBMITTED, Facts())

    assert (found.differences, found.not_compared) == ([], [])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"outcome": "triage"}, "the outcome: triage, now route"),
        ({"reason": "UNSURE"}, "the reason: UNSURE, now CONFIDENT"),
        ({"service": "housing.queue"}, "the service: housing.queue, now identity.passport"),
        ({"office": "MOJ"}, "the office: MOJ, now MIA"),
        ({"thresholds": [1, 2]}, "the thresholds: [1, 2], now"),
    ],
)
def test_what_the_policy_would_not_have_made_of_it_is_told(
    changed: dict[str, Any], told: str
) -> None:
    """Each by its name, as it was recorded and as it comes out."""
    (difference,) = held(RECORD | changed, SEEN, CATALOGUE, POLICY, SUBMITTED, Facts()).differences

    assert difference.startswith(told)


def test_the_policy_of_the_time_is_held_against_the_record() -> None:
    """A stricter one comes to another end."""
    strict = Policy(version="p1", thresholds={Language.KK: Thresholds(0.95, 0.5)})

    found = held(RECORD, SEEN, CATALOGUE, strict, SUBMITTED, Facts()).differences

    assert [one.split(":")[0] for one in found] == [
        "the thresholds",
        "the outcome",
        "the reason",
        "the office",
    ]


@pytest.mark.parametrize(
    ("outcome", "reason", "office", "region"),
    [
        ("route", "CONFIDENT", "akimat-75", ""),
        ("confirm", "REGION_REQUIRED", "", "75"),
        ("confirm", "UNKNOWN_REGION", "", "75"),
    ],
)
def test_a_region_that_was_learnt_later_makes_no_difference(
    outcome: str, reason: str, office: str, region: str
) -> None:
    """The record tells whether the decision knew it."""
    sure = replace(SEEN, suggestions=(Alternative("housing.queue", 0.9),))
    told = {"outcome": outcome, "reason": reason, "office": office, "service": "housing.queue"}

    assert (
        held(RECORD | told, sure, CATALOGUE, POLICY, SUBMITTED, Facts(region=region)).differences
        == []
    )


def test_a_policy_that_is_not_kept_is_not_guessed_at() -> None:
    """It says what it did not compare."""
    found = held(RECORD | {"policy": "p0"}, SEEN, CATALOGUE, POLICY, SUBMITTED, Facts())

    assert found.differences == []
    assert "the policy p0 is not kept here" in found.not_compared[0]


def test_what_an_office_had_a_part_in_is_not_made_again() -> None:
    """What it suggested is not kept; the thresholds are compared all the same."""
    before = [*SUBMITTED, step(Happening.RETURNED)]
    told = RECORD | {"outcome": "triage", "thresholds": [1, 2]}

    found = held(told, SEEN, CATALOGUE, POLICY, before, Facts())

    assert "the outcome" in found.not_compared[0]
    assert [one.split(":")[0] for one in found.differences] == ["the thresholds"]


def test_what_the_citizen_had_chosen_is_held_against_the_record() -> None:
    """A model that was sure of another service left the case to a person."""
    told = {"outcome": "triage", "reason": "CITIZEN_CHOSE_ANOTHER", "office": ""}
    chosen = Facts(chosen_service_id="housing.queue")

    assert held(RECORD | told, SEEN, CATALOGUE, POLICY, SUBMITTED, chosen).differences == []
    assert held(RECORD | told, SEEN, CATALOGUE, POLICY, SUBMITTED, Facts()).differences != []
