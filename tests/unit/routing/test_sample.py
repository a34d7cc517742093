"""The random sample: which confident decisions a person makes instead, steered by nobody."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.emergency import Emergency
from services.routing import domain
from services.routing.domain import Decision, OffSwitch, Policy, State, draw, is_drawn
from services.routing.ports import Waiting
from services.routing.store import bundled_policy, read_policy
from tests.policy import unsampled
from tests.unit.routing.test_domain import ALMATY, CATALOGUE, seen
from tests.unit.routing.world import World, world_in

POLICY = Policy(version="p1", sample_share=0.2)
IDS = [f"case-{number}" for number in range(10_000)]
DRAWN = next(one for one in IDS if is_drawn(one, POLICY))
SPARED = next(one for one in IDS if not is_drawn(one, POLICY))
FIRE = Emergency("FIRE", "101", "Call 101.")
SURE = seen(passport=0.9)


def decided(said: Any = SURE, policy: Policy = POLICY, **known: Any) -> Decision:
    """Return the first decision on a case that is drawn, unless something else is known of it."""
    return domain.decide(
        said, replace(ALMATY, **{"undecided_id": DRAWN} | known), CATALOGUE, policy
    )


def test_a_confident_decision_that_is_drawn_goes_to_a_person() -> None:
    """With its own reason, what the model thought, and no office or term that is not meant yet."""
    made = decided()

    assert (made.outcome, made.actor, made.reason_code) == ("triage", "model", "SAMPLED")
    assert (made.service_id, made.probability) == ("identity.passport", 0.9)
    assert (made.office, made.term_days) == ("", 0)


NOT_SAMPLED: list[tuple[str, Decision, str]] = [
    ("not drawn", decided(undecided_id=SPARED), "CONFIDENT"),
    ("decided before, or nobody's case", decided(undecided_id=""), "CONFIDENT"),
    ("in danger", decided(replace(SURE, emergency=FIRE)), "CONFIDENT"),
    ("no sample wanted", decided(policy=replace(POLICY, sample_share=0.0)), "CONFIDENT"),
    ("an office's word", decided(suggested_service_id="identity.id-card"), "SUGGESTED"),
    ("the citizen chooses", decided(seen(passport=0.5)), "UNSURE"),
    ("the citizen says where", decided(seen(queue=0.9), region=""), "REGION_REQUIRED"),
    ("a person anyway", decided(seen(passport=0.1)), "TOO_UNSURE"),
    ("off", decided(policy=replace(POLICY, off=OffSwitch(everything=True))), "OFF_SWITCH"),
    ("no service", decided(seen(0.9, passport=0.1)), "OUT_OF_SCOPE"),
]


@pytest.mark.parametrize(
    ("made", "reason"), [row[1:] for row in NOT_SAMPLED], ids=[row[0] for row in NOT_SAMPLED]
)
def test_nothing_else_is_sampled(made: Decision, reason: str) -> None:
    """Each row says why a case goes the way it would have gone anyhow."""
    assert made.reason_code == reason


@pytest.mark.parametrize(
    ("state", "known"), [(State.SUBMITTED, DRAWN), (State.RETURNED, "")], ids=str
)
def test_a_case_that_came_back_is_not_drawn_again(state: State, known: str) -> None:
    """It was decided upon before; its citizen has waited enough."""
    waiting = Waiting(case_id=DRAWN, case_version=4, state=state)

    assert waiting.facts.undecided_id == known


def test_a_draw_is_the_same_for_ever() -> None:
    """A record of years ago can be drawn again, by whoever reads the rule."""
    assert draw("0192b3a4-0000-7000-8000-000000000001", "f" * 64) == 0.8369120158823684


def test_as_many_are_drawn_as_the_policy_says() -> None:
    """Of ten thousand ids a fifth, within three standard deviations."""
    assert abs(sum(is_drawn(one, POLICY) for one in IDS) - 2000) < 3 * 40


def test_another_policy_draws_others() -> None:
    """Whoever was drawn under one version is not marked for the next."""
    after = replace(POLICY, version="p2")
    both = sum(is_drawn(one, POLICY) and is_drawn(one, after) for one in IDS)

    assert abs(both - 400) < 3 * 20


def test_the_bundled_policy_draws_two_in_a_hundred() -> None:
    """Out of the box accuracy is known."""
    assert read_policy(bundled_policy()).sample_share == 0.02


@pytest.fixture
def drawing(tmp_path: Path) -> Iterator[tuple[World, Policy]]:
    """Give a world in which a fifth is drawn, and its policy."""
    policy = unsampled(tmp_path, share=0.2)
    with world_in(tmp_path, policy=policy) as world:
        yield world, read_policy(policy)


def first_drawn(world: World, policy: Policy, text: str) -> pb.Case:
    """Hand a request in until one is drawn, and return what became of it."""
    while not is_drawn((case := world.submit(text)).id, policy):
        pass
    return world.decided(case)


def test_each_case_goes_where_its_draw_says(drawing: tuple[World, Policy]) -> None:
    """Whoever knows the id and the policy knows it before; so a repeated event comes out alike."""
    world, policy = drawing
    cases = [world.submit("identity.passport=0.95") for _ in range(30)]

    sampled = {case.id for case in cases if world.decided(case).decision.reason_code == "SAMPLED"}

    assert sampled == {case.id for case in cases if is_drawn(case.id, policy)}


def test_whoever_is_in_danger_is_not_kept_waiting(drawing: tuple[World, Policy]) -> None:
    """Of those that are drawn the classifier is asked for emergencies, too."""
    case = first_drawn(*drawing, "fire! identity.passport=0.95")

    assert (case.state, case.decision.reason_code) == (pb.STATE_ROUTED, "CONFIDENT")


def test_a_sampled_case_waits_for_a_person_as_any_other(drawing: tuple[World, Policy]) -> None:
    """It is due when a case for triage is due, and the person's choice stands."""
    world, policy = drawing
    case = first_drawn(world, policy, "identity.passport=0.95")
    other = world.submit_decided("identity.passport=0.1")

    assert (case.state, case.due_time) == (other.state, other.due_time)

    chosen = world.assign(case, service_id="social.pension")

    assert (chosen.state, chosen.decision.reason_code) == (pb.STATE_ROUTED, "ASSIGNED")
