"""The log of decisions on pages: found, explained, and verified step by step."""

import base64
import re
from collections.abc import Callable
from hashlib import sha256

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.pages.analyst.proving import check, is_signed
from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2 as cases
from services.audit.domain import merkle
from services.chassis.errors import InvalidError, NotFoundError
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE, CASE_ID, Peer

VisitAs = Callable[..., Visitor]

NUMBER = "QZ-26-0000042-7"
RECORDS = [f'{{"case":"{number}"}}' for number in range(11)]
LEAVES = [merkle.leaf_hash(record.encode()) for record in RECORDS]
PAGE = f"/en/analyst/decisions/{CASE_ID}"


def node(level: int, index: int) -> bytes:
    """Return a node over the records, as the log's own tree has it."""
    return merkle.subtree(LEAVES[index << level : (index + 1) << level])


def checkpoint(size: int, root: bytes) -> pb.Checkpoint:
    text = base64.b64encode(root).decode()
    note = f"qyzmet.test/log\n{size}\n{text}\n\n— qyzmet.test/log AAAA\n"
    return pb.Checkpoint(origin="qyzmet.test/log", size=size, root_hash=text, note=note)


def proof(index: int, size: int) -> pb.InclusionProof:
    hashes = merkle.inclusion_proof(index, size, node)
    coded = [base64.b64encode(one).decode() for one in hashes]
    return pb.InclusionProof(leaf_index=index, record=RECORDS[index], hashes=coded)


def sealed(size: int) -> pb.Checkpoint:
    return checkpoint(size, merkle.root(size, node))


DECISION = cases.Decision(
    id=f"{CASE_ID}:2",
    outcome=cases.OUTCOME_ROUTE,
    actor=cases.ACTOR_KIND_MODEL,
    service_id="identity.passport",
    probability=0.93,
    route_threshold=0.8,
    confirm_threshold=0.3,
    reason_code="HOP_CAP",
    model="5f" * 32,
    decide_time=Timestamp(seconds=1_768_728_600),
    alternatives=[cases.Alternative(service_id="identity.passport", probability=0.93)],
    explanation=cases.Explanation(
        service_id="identity.passport",
        against="housing.queue",
        words=[cases.ExplainedWord(start=4, end=11, weight=0.25)],
    ),
)


@pytest.fixture
def analyst(visit_as: VisitAs, peer: Peer) -> Visitor:
    peer.answers[pb.ListDecisionsRequest] = pb.ListDecisionsResponse(
        decisions=[pb.DecisionRecord(case_id=CASE_ID, case_version=2, decision=DECISION)]
    )
    peer.answers[pb.GetCaseProofRequest] = pb.GetCaseProofResponse(
        proofs=[proof(3, 11)], checkpoint=sealed(11), waiting_count=1
    )
    return visit_as(Role.ANALYST)


@pytest.mark.parametrize("size", range(1, 12))
def test_every_record_of_a_log_of_any_size_is_found_in_it(size: int) -> None:
    """The steps lead where the log's own tree leads."""
    for index in range(size):
        checked = check(proof(index, size), sealed(size))
        assert checked.is_in_log
        assert checked.root == merkle.root(size, node).hex()


def test_the_steps_can_be_followed_by_hand() -> None:
    """Each hash is SHA-256 of a byte 1 and both its children, on the sides that are told."""
    checked = check(proof(6, 11), sealed(11))

    found = sha256(b"\0" + checked.record.encode()).digest()
    for step in checked.steps:
        other = bytes.fromhex(step.other)
        found = sha256(b"\1" + (other + found if step.is_left else found + other)).digest()
        assert step.result == found.hex()
    assert found == merkle.root(11, node)


@pytest.mark.parametrize("size", [2, 7, 11])
def test_a_record_that_was_changed_is_not_in_the_log(size: int) -> None:
    """Whatever its place."""
    for index in range(size):
        changed = proof(index, size)
        changed.record += " "
        assert not check(changed, sealed(size)).is_in_log


def test_a_proof_that_is_none_shows_nothing() -> None:
    """Too short, too long, of another place, of another size, or no hashes at all."""
    short, long, moved, garbage = (proof(3, 11) for _ in range(4))
    del short.hashes[-1]
    long.hashes.append(long.hashes[0])
    moved.leaf_index = 4
    garbage.hashes[0] = "no hash"
    for wrong in (short, long, moved, garbage):
        assert not check(wrong, sealed(11)).is_in_log
    assert not check(proof(3, 11), checkpoint(3, merkle.root(11, node))).is_in_log


def test_a_note_that_names_another_root_is_not_that_of_the_checkpoint() -> None:
    """What is signed is the note, so its words count."""
    other = sealed(11)
    other.note = other.note.replace("\n11\n", "\n12\n")

    assert is_signed(sealed(11))
    assert not is_signed(other)


def test_a_decision_is_explained_in_plain_words(analyst: Visitor) -> None:
    """Who, what, how sure, from when on, and why; no words of the citizen."""
    text = analyst.get(PAGE).text

    assert set(re.findall('hreflang="(..)"', text)) == {"kk", "ru"}
    assert "The model: sent to an office" in text
    assert "“Passport en”; the model was 93.0% sure of it" in text
    assert "From 80% on it may send" in text
    assert "Twice returned." in text
    assert "characters 5 to 11: weight 0.25" in text


def test_a_model_that_may_route_nothing_is_told_so(analyst: Visitor, peer: Peer) -> None:
    """Not by a threshold of 100 %, which somebody might take for a hurdle."""
    held = cases.Decision()
    held.CopyFrom(DECISION)
    held.route_threshold = 1.0
    peer.answers[pb.ListDecisionsRequest] = pb.ListDecisionsResponse(
        decisions=[pb.DecisionRecord(case_id=CASE_ID, case_version=2, decision=held)]
    )

    assert (
        "It may not send a text of this language to an office by itself" in analyst.get(PAGE).text
    )


def test_the_page_says_that_the_records_are_in_the_log(analyst: Visitor) -> None:
    """With the steps, the checkpoint, and the proof to download."""
    text = analyst.get(PAGE).text

    assert "1 record is in the log of 11 records" in text
    assert "That is the root of the checkpoint." in text
    assert merkle.root(11, node).hex() in text
    assert f'href="/en/cases/{CASE_ID}/proof" download' in text
    assert "1 decision waits for the next checkpoint." in text


def test_the_page_says_so_where_they_are_not(analyst: Visitor, peer: Peer) -> None:
    """Nobody is reassured by a proof that shows nothing."""
    peer.answers[pb.GetCaseProofRequest] = pb.GetCaseProofResponse(
        proofs=[proof(3, 11)], checkpoint=checkpoint(11, bytes(32))
    )
    text = analyst.get(PAGE).text

    assert "do not lead to the root of the checkpoint" in text
    assert "this server worked it out" not in text


def test_what_is_not_sealed_yet_is_explained(analyst: Visitor, peer: Peer) -> None:
    """The next checkpoint comes in seconds."""
    peer.answers[pb.GetCaseProofRequest] = pb.GetCaseProofResponse(waiting_count=1)

    assert "There is no proof to show yet" in analyst.get(PAGE).text


def test_decisions_on_a_case_that_cases_does_not_know_are_still_told(
    analyst: Visitor, peer: Peer
) -> None:
    """The log is older than what cases keeps."""
    peer.refuse[cases.GetCaseRequest] = NotFoundError()

    answer = analyst.get(PAGE)
    assert answer.status_code == 200
    assert "The model: sent to an office" in answer.text


def test_a_case_that_nobody_knows_is_not_found(analyst: Visitor, peer: Peer) -> None:
    """Neither cases nor the log."""
    peer.refuse[cases.GetCaseRequest] = NotFoundError()
    peer.answers[pb.ListDecisionsRequest] = pb.ListDecisionsResponse()
    answer = analyst.get(PAGE)

    assert answer.status_code == 404


def test_the_newest_cases_are_listed(analyst: Visitor) -> None:
    """Each leads to its decisions, and the list goes on."""
    text = analyst.get("/en/analyst/decisions").text

    assert NUMBER in text
    assert PAGE in text
    assert "after=next" in text


def test_a_number_leads_to_its_case(analyst: Visitor, peer: Peer) -> None:
    """However it was typed."""
    peer.answers[cases.ListCasesRequest] = cases.ListCasesResponse(cases=[CASE])
    answer = analyst.get("/en/analyst/decisions?number=%20qz-26-0000042-7")

    assert answer.headers["location"] == PAGE
    (asked,) = peer.asked_for(cases.ListCasesRequest)
    assert asked.number == NUMBER


def test_an_id_leads_to_its_case(analyst: Visitor) -> None:
    """It is what logs and reports name."""
    answer = analyst.get(f"/en/analyst/decisions?number={CASE_ID}")

    assert answer.headers["location"] == PAGE


def test_a_number_of_nothing_is_told_so(analyst: Visitor, peer: Peer) -> None:
    """One that no receipt has, and one that nobody got."""
    peer.refuse[cases.ListCasesRequest] = InvalidError("no number", field="number")
    wrong = analyst.get("/en/analyst/decisions?number=QZ-1").text
    peer.refuse.clear()
    peer.answers[cases.ListCasesRequest] = cases.ListCasesResponse()
    unknown = analyst.get(f"/en/analyst/decisions?number={NUMBER}").text

    assert "This is no number of a receipt" in wrong
    assert "There is no request with this number" in unknown
