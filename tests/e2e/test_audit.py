"""The log of decisions of a running system, from a citizen's receipt to an outsider's verdict."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.principal import Principal, Role
from tests.e2e.conftest import CALL_SECONDS, ON_EVERY_TIER, Eventually, Settled
from tests.e2e.people import Town
from tests.e2e.words import Words
from tests.system import System

ADMINISTRATOR = Principal("admin", Role.ADMINISTRATOR)


def as_administrator(town: Town) -> dict[str, str]:
    token = town.issuer.issue(ADMINISTRATOR, seconds=600)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def case(town: Town, words: Words, settled: Settled) -> dict[str, Any]:
    """Give a case that the model decided."""
    person = town.anonymous
    return settled(person, person.submit(words.of("triage"))["id"])


def proven(system: System, case_id: str, eventually: Eventually) -> dict[str, Any]:
    """Wait until the case's decisions are under a checkpoint."""

    def ask() -> dict[str, Any]:
        return httpx.get(f"{system.url}/v1/cases/{case_id}/proof", timeout=CALL_SECONDS).json()

    eventually(lambda: ask()["proofs"] and ask()["waiting_count"] == 0)
    return ask()


@ON_EVERY_TIER
def test_a_decision_is_sealed_replayed_and_verified(
    system: System, case: dict[str, Any], eventually: Eventually, tmp_path: Path
) -> None:
    """The citizen's proof, the same decision again, and a bundle that an outsider finds whole."""
    told = proven(system, case["id"], eventually)
    (record,) = (json.loads(proof["record"]) for proof in told["proofs"])
    assert (record["case"], record["model"]) == (case["id"], case["decision"]["model"])
    assert record["explanation"]["words"]

    replayed = system.run("replay-decision", case["decision"]["id"])
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "the same decision; its record is number" in replayed.stdout

    kept, bundle = tmp_path / "kept", tmp_path / "bundle.tar.gz"
    kept.write_text(f"{told['checkpoint']['note']}\n", "utf-8")  # as `jq -r .note` writes it
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(told), "utf-8")
    checked = system.run("audit", "verify-proof", str(proof), "--trusted", str(kept))
    assert checked.returncode == 0, checked.stdout
    assert system.run("audit", "bundle", str(bundle)).returncode == 0
    verified = system.run("audit", "verify", str(bundle), "--trusted", str(kept))
    assert verified.returncode == 0, verified.stdout

    place = ("--name", "ministry.test/w1", "--folder", str(tmp_path / "witness"))
    assert system.run("audit", "witness", system.url, *place).returncode == 0
    again = system.run("audit", "witness", system.url, *place)
    assert "ministry.test/w1" in again.stdout, again.stderr


@ON_EVERY_TIER
def test_after_an_erasure_the_commitment_still_verifies(
    system: System, town: Town, case: dict[str, Any], eventually: Eventually
) -> None:
    """The text is gone; the record stands where it stood."""
    proven(system, case["id"], eventually)
    headers = {**as_administrator(town), "Idempotency-Key": f"erase-{case['id']}"}

    with httpx.Client(base_url=f"{system.url}/v1/cases", timeout=CALL_SECONDS) as client:
        erased = client.post(f"/{case['id']}:erase", headers=headers)
        read = client.get(f"/{case['id']}/text")

    assert erased.status_code == 200, erased.text
    assert read.status_code == 404
    replayed = system.run("replay-decision", case["decision"]["id"])
    assert replayed.stdout.startswith("text erased, commitment verifies; its record is number")
    assert replayed.returncode == 0


@ON_EVERY_TIER
def test_nothing_is_missing(system: System, case: dict[str, Any]) -> None:
    """What cases decided and what the log holds is the same."""
    found = system.run("audit", "reconcile")

    assert found.returncode == 0, found.stdout + found.stderr
    assert " 0 gaps" in found.stdout


def test_a_replay_says_loudly_what_differs(
    system: System, case: dict[str, Any], eventually: Eventually, tmp_path: Path
) -> None:
    """Where the model of the decision is not kept any more, nothing is passed off as the same."""
    proven(system, case["id"], eventually)
    elsewhere = System(system.data, {**system.settings, "QYZMET_MODEL": str(tmp_path)})

    replayed = elsewhere.run("replay-decision", case["decision"]["id"])

    assert replayed.returncode == 1
    assert "DIFFERS the model cannot be loaded" in replayed.stdout
