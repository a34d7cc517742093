"""The random sample, from a request to what an analyst is told, on a system that draws."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.auth import Issuer
from services.chassis.principal import Role
from services.routing.domain import Policy, is_drawn
from services.routing.store import read_policy
from tests.e2e.conftest import CALL_SECONDS, Eventually, Settled
from tests.e2e.people import Town
from tests.e2e.words import Words
from tests.policy import unsampled
from tests.system import System, started


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[System]:
    """Run a system whose policy draws a fifth."""
    folder = tmp_path_factory.mktemp("drawing")
    policy = str(unsampled(folder, share=0.2))
    system = System(folder / "data", {"QYZMET_MODEL": str(model), "QYZMET_POLICY": policy})
    with started(system):
        yield system


@pytest.fixture(scope="module")
def policy(drawing: System) -> Policy:
    """Return the policy in force, which draws."""
    return read_policy(Path(drawing.settings["QYZMET_POLICY"]))


@pytest.fixture(scope="module")
def place(drawing: System) -> Iterator[Town]:
    """Return the people around that system."""
    with httpx.Client(base_url=drawing.url, timeout=CALL_SECONDS) as client:
        yield Town(client, Issuer.at(drawing.data / "secrets"))


@pytest.fixture(scope="module")
def sampled(place: Town, policy: Policy, settled: Settled) -> dict[str, Any]:
    """Return a case of the sample, as it waits for its person; others go to their offices."""
    text = Words(place.anonymous).of("route")
    while not is_drawn((case := place.anonymous.submit(text))["id"], policy):
        assert settled(place.anonymous, case["id"])["state"] == "routed"
    return settled(place.anonymous, case["id"])


def test_a_case_that_is_drawn_waits_for_a_person_and_its_citizen_is_told(
    sampled: dict[str, Any], place: Town
) -> None:
    """With what the model said, by a decision of its own reason; the clock of the law runs."""
    decision = sampled["decision"]
    page = place.client.get(f"/en/cases/{sampled['id']}").text

    assert (sampled["state"], decision["outcome"]) == ("triaged", "triage")
    assert (decision["reason_code"], decision["actor"]) == ("SAMPLED", "model")
    assert sampled["due_time"]
    assert "This request was picked at random" in page


def test_its_decision_can_be_made_again(
    sampled: dict[str, Any], drawing: System, eventually: Eventually
) -> None:
    """From the same text, model, catalogue and policy it is drawn again."""
    replay = ("replay-decision", sampled["decision"]["id"])
    eventually(lambda: drawing.run(*replay).returncode == 0)

    assert drawing.run(*replay).stdout.startswith("the same decision")


def test_the_persons_choice_tells_how_right_the_model_is(
    sampled: dict[str, Any], place: Town, eventually: Eventually
) -> None:
    """And the case goes where they say."""
    best = sampled["decision"]["service_id"]
    sorter, analyst = place.one(Role.TRIAGE_OFFICER), place.one(Role.ANALYST)
    chosen = sorter.act(sampled["id"], "assign", service_id=best, region="75")

    def accuracy() -> dict[str, Any]:
        told = analyst.json(analyst.get("/v1/quality", group_by="service"))
        return next(row["sample_accuracy"] for row in told["rows"] if row["key"] == best)

    assert chosen["state"] == "routed"
    eventually(lambda: (accuracy()["count"], accuracy()["of"]) == (1, 1))
