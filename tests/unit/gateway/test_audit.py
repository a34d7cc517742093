"""Checkpoints and proofs over HTTP."""

from pathlib import Path

import httpx
from typer.testing import CliRunner

from deploy.cli.audit.commands import app
from deploy.cli.audit.witness import source_of
from qyzmet.audit.v1 import audit_pb2 as pb
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import CASE_ID, Peer


def test_the_latest_checkpoint_is_for_everybody(http: httpx.Client, peer: Peer) -> None:
    """Watching needs nobody's leave."""
    answer = http.get("/v1/audit/checkpoint")

    assert (answer.json()["size"], answer.json()["note"]) == (7, "note")
    assert peer.asked == [pb.GetCheckpointRequest()]


def test_two_sizes_are_compared(http: httpx.Client, peer: Peer) -> None:
    """The query reaches audit; without a smaller size there is nothing to compare."""
    answer = http.get("/v1/audit/consistency", params={"first_size": 3})

    assert answer.json()["second_size"] == 7
    assert peer.asked == [pb.GetConsistencyProofRequest(first_size=3)]
    assert http.get("/v1/audit/consistency").status_code == 400


def test_a_witness_reads_what_the_portal_says(address: str, peer: Peer) -> None:
    """A log without keys or hashes is one, too; what else answers is none."""
    peer.answers[pb.GetCheckpointRequest] = pb.GetCheckpointResponse(
        checkpoint=pb.Checkpoint(note="note", keys=["key"])
    )
    peer.answers[pb.GetConsistencyProofRequest] = pb.GetConsistencyProofResponse(
        hashes=["AQID", "BAUG"]
    )
    source = source_of(f"http://{address}")

    assert (source.note, source.keys) == ("note", ["key"])
    assert source.consistency(3, 7) == [b"\1\2\3", b"\4\5\6"]
    peer.answers[pb.GetConsistencyProofRequest] = pb.GetConsistencyProofResponse()
    assert source.consistency(7, 7) == []


def test_the_proof_of_a_decision_is_for_analysts(
    http: httpx.Client, peer: Peer, sign: Sign
) -> None:
    """Its id holds a colon, as the ids of decisions do."""
    path = f"/v1/audit/decisions/{CASE_ID}:2/proof"

    assert http.get(path).status_code == 403
    assert http.get(path, headers=sign(Role.ANALYST)).json()["proof"]["leaf_index"] == 3
    assert peer.asked == [pb.GetInclusionProofRequest(decision_id=f"{CASE_ID}:2")]


def test_a_citizen_gets_the_proof_of_a_case(http: httpx.Client, peer: Peer) -> None:
    """Whether it is theirs is for audit to ask."""
    answer = http.get(f"/v1/cases/{CASE_ID}/proof")

    assert answer.json()["waiting_count"] == 1
    assert peer.asked == [pb.GetCaseProofRequest(case_id=CASE_ID)]


def test_the_log_is_reconciled_page_by_page(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """For analysts and administrators."""
    query = {"after_case_id": CASE_ID, "after_case_version": 2}
    path = "/v1/audit/reconciliation"

    assert http.get(path, params=query).status_code == 403
    answer = http.get(path, params=query, headers=sign(Role.ADMINISTRATOR))
    assert answer.json()["checked_count"] == 3
    assert peer.asked == [pb.ReconcileRequest(after_case_id=CASE_ID, after_case_version=2)]


def test_reconciling_shows_the_token_it_was_given(
    address: str, peer: Peer, sign: Sign, tmp_path: Path
) -> None:
    """Production knows no token but those of the state's issuer."""
    token = sign(Role.ANALYST)["Authorization"].removeprefix("Bearer ")
    arguments = ["reconcile", "--url", f"http://{address}", "--token", token]

    found = CliRunner().invoke(app, arguments, env={"QYZMET_DATA_DIR": str(tmp_path)})

    assert (found.exit_code, peer.bearer) == (0, token), found.output
