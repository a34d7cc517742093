"""A citizen's file of proofs is checked offline, by whoever has the file."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli.audit.commands import app
from qyzmet.audit.v1 import audit_pb2 as pb
from services.audit.handlers import prove_case
from services.audit.rpc import wire
from services.audit.store.proving import SqlLog
from services.chassis import codec
from tests.unit.cli.logs import Log


class Anybody:
    """Cases that anybody may see."""

    def check(self, case_id: str) -> None:
        """Refuse nobody."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    grown = Log(tmp_path_factory.mktemp("log"))
    grown.grow(0, 21)
    yield grown
    grown.database.close()


@pytest.fixture(scope="module")
def given(log: Log) -> dict[str, Any]:
    """Give what audit answers to the citizen of a case."""
    proven = prove_case("c0", log=SqlLog(log.database, log.keys), cases=Anybody())
    told = pb.GetCaseProofResponse(
        proofs=map(wire.proof, proven.proofs), checkpoint=wire.checkpoint(proven)
    )
    answer: dict[str, Any] = json.loads(codec.encode(told))
    return answer


Check = Callable[..., Result]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def run(content: object, trusted: str = "") -> Result:
        file, kept = tmp_path / "proof.json", tmp_path / "kept"
        file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        kept.write_text(f"{trusted}\n", "utf-8")
        arguments = ["verify-proof", str(file), *(["--trusted", str(kept)] if trusted else [])]
        return CliRunner().invoke(app, arguments)

    return run


def test_a_good_proof_is_told_with_its_decision(check: Check, given: dict[str, Any]) -> None:
    """With a checkpoint of the same size nothing is left open."""
    found = check(given, given["checkpoint"]["note"])

    assert found.exit_code == 0, found.output
    assert "record 0: 2026-03-01T12:00:00.000000Z route identity.passport MIA, by model" in (
        found.output
    )
    assert "1 of 21 records, as they were sealed" in found.output
    assert "excluded" not in found.output


def test_without_a_kept_checkpoint_it_says_what_is_left_open(
    check: Check, given: dict[str, Any]
) -> None:
    """A log that was written anew as a whole looks whole."""
    found = check(given)

    assert found.exit_code == 0
    assert "Without a trusted checkpoint it cannot be excluded" in found.output


def damaged(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return a file in which one thing is other than it was."""
    told: dict[str, Any] = json.loads(json.dumps(given))
    (proof,), seal = told["proofs"], told["checkpoint"]
    if name == "record":
        proof["record"] = proof["record"].replace("MIA", "MFA")
    elif name == "place":
        proof["leaf_index"] = 3
    elif name == "hashes":
        proof["hashes"].pop()
    elif name == "root":
        seal["note"] = seal["note"].replace("\n21\n", "\n22\n")
    else:
        seal["keys"] = []
    return told


@pytest.mark.parametrize("name", ["record", "place", "hashes", "root", "keys"])
def test_whatever_was_changed_is_a_fault(check: Check, given: dict[str, Any], name: str) -> None:
    """And ends with status 1."""
    found = check(damaged(name, given))

    assert found.exit_code == 1
    assert "FAULT" in found.output


def test_another_log_of_the_same_name_is_a_fault(
    check: Check, given: dict[str, Any], tmp_path: Path
) -> None:
    """Its keys signed nothing that was kept."""
    stranger = Log(tmp_path / "stranger")
    kept = stranger.grow(0, 21)
    stranger.database.close()

    found = check(given, kept)

    assert found.exit_code == 1
    assert "no key that signed the trusted checkpoint" in found.output


def test_a_checkpoint_of_another_size_is_left_to_be_compared(
    check: Check, given: dict[str, Any], log: Log
) -> None:
    """One file cannot show that the smaller log is the beginning of the larger."""
    kept = log.grow(21, 30)

    found = check(given, kept)

    assert found.exit_code == 0
    assert "first_size=21&second_size=30" in found.output


@pytest.mark.parametrize("content", ["<html>", "{}", '{"waiting_count": 1}', '{"proofs": 1}'])
def test_what_proves_nothing_is_told(check: Check, content: str) -> None:
    """By a sentence and a status, not by a traceback."""
    found = check(content)

    assert found.exit_code != 0
    assert found.exception is None or isinstance(found.exception, SystemExit)
