"""An office's suggestion: followed where the rules allow, and never past them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.principal import Principal, Role
from services.routing import domain
from services.routing.domain import (
    Actor,
    Decision,
    Facts,
    Language,
    OffSwitch,
    Outcome,
    Policy,
)
from tests.unit.routing.test_domain import CATALOGUE, OPEN, seen, stricter
from tests.unit.routing.world import TRIAGE, World, world_in

RETURNED = Facts(region="75", returned_by=("MIA",))
SAID = seen(passport=0.9, pension=0.05)


def meant(service: str = "", office: str = "", **changed: Any) -> Facts:
    """Return the facts of a case that MIA returned with a suggestion."""
    return replace(RETURNED, suggested_service_id=service, suggested_office=office, **changed)


def follow(facts: Facts, said: Any = SAID, policy: Policy = OPEN) -> Decision:
    return domain.decide(said, facts, CATALOGUE, policy)


PENSION_OFF = stricter(off=OffSwitch(services=frozenset({"social.pension"})))
PENSION_BY_PEOPLE = stricter(needs_human=frozenset({"social.pension"}))
KAZAKH_OFF = stricter(off=OffSwitch(languages=frozenset({Language.KK})))
IN_KAZAKH = seen(passport=0.9, language=Language.KK)
LIKELY_QUEUE = seen(passport=0.5, queue=0.35)

SUGGESTIONS = [
    ("a service", meant("social.pension"), SAID, OPEN, "route", "SUGGESTED"),
    ("nobody's guess", meant("social.pension"), seen(), OPEN, "route", "SUGGESTED"),
    ("though out of scope", meant("social.pension"), seen(0.9), OPEN, "route", "SUGGESTED"),
    ("its agency too", meant("social.pension", "MTSZN"), SAID, OPEN, "route", "SUGGESTED"),
    ("unknown service", meant("social.gone"), SAID, OPEN, "triage", "UNKNOWN_SERVICE"),
    ("unknown office", meant("", "NOBODY"), SAID, OPEN, "triage", "UNKNOWN_OFFICE"),
    ("an agency, likely", meant("", "AKIMAT"), LIKELY_QUEUE, OPEN, "route", "SUGGESTED"),
    ("an office, likely", meant("", "akimat-75"), LIKELY_QUEUE, OPEN, "route", "SUGGESTED"),
    ("an agency, unlikely", meant("", "MTSZN"), SAID, OPEN, "triage", "OFFICE_SUGGESTED"),
    ("back again", meant("identity.id-card"), SAID, OPEN, "triage", "RETURNED_BY_OFFICE"),
    ("switched off", meant("social.pension"), SAID, PENSION_OFF, "triage", "OFF_SWITCH"),
    ("a person first", meant("social.pension"), SAID, PENSION_BY_PEOPLE, "triage", "NEEDS_HUMAN"),
    ("language off", meant("social.pension"), IN_KAZAKH, KAZAKH_OFF, "triage", "OFF_SWITCH"),
    (
        "no region",
        meant("housing.queue", region=""),
        SAID,
        OPEN,
        "confirm",
        "REGION_REQUIRED",
    ),
    (
        "after two hops",
        meant("social.pension", returned_by=("MIA", "MJ")),
        SAID,
        OPEN,
        "triage",
        "HOP_CAP",
    ),
]


@pytest.mark.parametrize(
    ("facts", "said", "policy", "outcome", "reason"),
    [row[1:] for row in SUGGESTIONS],
    ids=[row[0] for row in SUGGESTIONS],
)
def test_a_suggestion_becomes(
    facts: Facts, said: Any, policy: Policy, outcome: str, reason: str
) -> None:
    """Each row is a rule: what was suggested, what is known, and what follows."""
    decision = follow(facts, said, policy)

    assert (decision.outcome, decision.reason_code) == (outcome, reason)


def test_a_suggestion_followed_is_the_office_s_decision() -> None:
    """It says who decided, how likely the model thought it, and which one that was."""
    decision = follow(meant("social.pension"))

    assert (decision.actor, decision.office) == (Actor.OFFICER, "MTSZN")
    assert (decision.probability, decision.model) == (0.05, "m1")


def test_a_missing_region_is_all_that_is_asked() -> None:
    """The citizen is offered the suggested service alone."""
    decision = follow(meant("housing.queue", region=""))

    assert [one.service_id for one in decision.alternatives] == ["housing.queue"]


def test_another_region_s_office_is_found_by_its_code() -> None:
    """A case that was sent to the wrong akimat goes to the right one."""
    decision = follow(meant("", "akimat-10", returned_by=("akimat-75",)), seen(queue=0.9))

    assert (decision.outcome, decision.office) == (Outcome.ROUTE, "akimat-10")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as world:
        yield world


def test_a_returned_case_goes_where_its_office_says(world: World) -> None:
    """Through routing, by the register in force, with the reason in the timeline."""
    case = world.submit_decided("identity.passport=0.95")
    world.give_back(case, "MIA", suggested_service_id="social.pension")

    moved = world.decided(case)

    assert (moved.office, moved.service_id) == ("MTSZN", "social.pension")
    assert [entry.reason_code for entry in moved.timeline][-2:] == ["NOT_COMPETENT", "SUGGESTED"]
    assert moved.decision.actor == pb.ACTOR_KIND_OFFICER


def test_a_case_moves_to_the_region_its_office_names(world: World) -> None:
    """And its citizen sees the region it has now."""
    case = world.submit_decided("housing.queue=0.95", region="75")
    world.give_back(case, "akimat-75", suggested_office="akimat-10")

    moved = world.decided(case)

    assert (moved.office, moved.region) == ("akimat-10", "10")


def test_after_two_hops_no_suggestion_is_followed(world: World) -> None:
    """A person decides, and sees what the last office thought."""
    case = world.submit_decided("identity.passport=0.95")
    world.give_back(case, "MIA", suggested_service_id="social.pension")
    world.give_back(world.decided(case), "MTSZN", suggested_office="akimat-75")

    last = world.decided(case)

    assert (last.state, last.decision.reason_code) == (pb.STATE_TRIAGED, "HOP_CAP")
    assert world.tell("GetCase", TRIAGE, case_id=case.id).case.suggested_office == "akimat-75"


def test_a_part_is_routed_like_a_new_case(world: World) -> None:
    """By its own words, and not to the office that split it off, whatever the model says."""
    case = world.submit_decided("identity.passport=0.95")
    officer = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
    part = {"case_id": case.id, "request_id": "s1", "office": "MIA"}

    text = "identity.id-card=0.9 social.pension=0.85"
    child = world.tell("SplitCase", officer, text=text, **part).child

    decided = world.decided(child)
    assert [one.service_id for one in decided.decision.alternatives] == ["social.pension"]
    assert decided.state == pb.STATE_CONFIRMATION_REQUESTED
