"""The log of decisions on pages: found, explained, and verified step by step."""

import base64
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from html import escape

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.pages.analyst.proving import check
from gateway.pages.analyst.signing import names_root, signer_of
from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2 as cases
from qyzmet.catalog.v1 import catalog_pb2
from services.audit.domain import merkle
from services.audit.domain.checkpoints import Checkpoint, Note
from services.audit.store.notes import Signer
from services.chassis.errors import InvalidError, NotFoundError
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE, CASE_ID, Peer

VisitAs = Callable[..., Visitor]

NUMBER = "QZ-26-0000042-7"
RECORDS = [f'{{"case":"{number}"}}' for number in range(11)]
LEAVES = [merkle.leaf_hash(record.encode()) for record in RECORDS]
PAGE = f"/en/analyst/decisions/{CASE_ID}"
ORIGIN = "qyzmet.test/log"
SIGNER, OTHER = Signer(ORIGIN, bytes(32)), Signer(ORIGIN, b"\1" * 32)


def node(level: int, index: int) -> bytes:
    """Return a node over the records, as the log's own tree has it."""
    return merkle.subtree(LEAVES[index << level : (index + 1) << level])


def checkpoint(size: int, root: bytes, *signers: Signer) -> pb.Checkpoint:
    text = Checkpoint(ORIGIN, size, root).text()
    note = Note(text, [one.sign(text) for one in signers or (SIGNER,)]).whole()
    return pb.Checkpoint(
        origin=ORIGIN,
        size=size,
        root_hash=base64.b64encode(root).decode(),
        note=note,
        keys=[SIGNER.public.text()],
    )


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

    assert names_root(sealed(11))
    assert not names_root(other)
    assert not signer_of(other)


def test_who_signed_is_one_of_the_keys_of_the_log() -> None:
    """Also beside others who signed; and nobody else."""
    root = bytes(32)

    assert signer_of(checkpoint(3, root)) == SIGNER.public.text()
    assert signer_of(checkpoint(3, root, OTHER, SIGNER)) == SIGNER.public.text()
    assert signer_of(checkpoint(3, root, OTHER)) == ""


@pytest.mark.parametrize(
    "key",
    [
        "",
        "qyzmet.test/log",
        SIGNER.public.text().replace("test/log+", "test/other+"),
        SIGNER.public.text().replace(SIGNER.public.key_id.hex(), "00000000"),
        SIGNER.public.text()[:-4] + "!!!!",
        OTHER.public.text(),
    ],
)
def test_a_key_that_is_none_signed_nothing(key: str) -> None:
    """Of another name, with an id that is not its own, or no key at all."""
    signed = sealed(3)
    del signed.keys[:]
    signed.keys.append(key)

    assert signer_of(signed) == ""


@pytest.mark.parametrize("note", ["", "\n\n", "a\n\n— b", "a\n\n— qyzmet.test/log !!\n"])
def test_a_note_that_is_none_is_signed_by_nobody(note: str) -> None:
    """Whatever stands there."""
    wrong = sealed(3)
    wrong.note = note

    assert signer_of(wrong) == ""


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


def test_each_step_says_whether_it_fits(analyst: Visitor, peer: Peer) -> None:
    """In words beside the sign, and by whom it is signed."""
    good = analyst.get(PAGE).text
    told = pb.GetCaseProofResponse(
        proofs=[proof(3, 11)], checkpoint=checkpoint(11, merkle.root(11, node), OTHER)
    )
    peer.answers[pb.GetCaseProofRequest] = told
    bad = analyst.get(PAGE).text

    assert good.count("✓ fits</strong>") == 3
    assert f'<code class="hash">{SIGNER.public.text()}</code>' in good
    assert (bad.count("✓ fits</strong>"), bad.count("✗ does not fit</strong>")) == (2, 1)
    assert "No key of the log signed this checkpoint." in bad
    assert "this server worked it out" not in bad


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


FOUND = pb.FindDecisionsResponse(
    start_date="2026-01-01",
    end_date="2026-01-31",
    next_page_token="17.2.c",
    decisions=[
        pb.FoundDecision(
            decision_id=f"{CASE_ID}:2",
            case_id=CASE_ID,
            case_version=2,
            decide_time=Timestamp(seconds=1_768_728_600),
            actor=cases.ACTOR_KIND_MODEL,
            outcome=cases.OUTCOME_ROUTE,
            service_id="identity.passport",
            office="MIA",
            probability=0.93,
            language=catalog_pb2.LANGUAGE_RU,
            model="5f" * 32,
        )
    ],
)
LIST = "/en/analyst/decisions"
FILTERS = (
    "start_date=2026-01-01&end_date=2026-01-31&service_id=identity.passport"
    "&outcome=route&language=ru&model=5f5f"
)
ASKED = pb.FindDecisionsRequest(
    start_date="2026-01-01",
    end_date="2026-01-31",
    service_id="identity.passport",
    outcome=cases.OUTCOME_ROUTE,
    language=catalog_pb2.LANGUAGE_RU,
    model="5f5f",
)


def test_the_decisions_of_some_days_are_listed(analyst: Visitor, peer: Peer) -> None:
    """Each with what it says, and the way to its proof."""
    peer.answers[pb.FindDecisionsRequest] = FOUND
    text = analyst.get(LIST).text

    assert f'href="{PAGE}?' in text
    for told in ("sent to an office", "Passport en", "Ministry en", "93.0%", "Russian", "5f" * 6):
        assert told in text


def test_all_that_is_asked_for_is_in_the_address(analyst: Visitor, peer: Peer) -> None:
    """And stays there: in the form, for the next page, and for the table."""
    peer.answers[pb.FindDecisionsRequest] = FOUND
    text = analyst.get(f"{LIST}?{FILTERS}&after=9.1.b").text

    wanted = pb.FindDecisionsRequest()
    wanted.CopyFrom(ASKED)
    wanted.page_size, wanted.page_token = 25, "9.1.b"
    assert peer.asked_for(pb.FindDecisionsRequest) == [wanted]
    kept = FILTERS.replace("&", "&amp;")
    for more in ("&amp;after=17.2.c", "&amp;table=decisions", ""):
        assert f'href="{LIST}?{kept}{more}"' in text
    assert f"GET /v1/decisions?{kept}&amp;format=csv" in text


def test_a_page_on_which_nothing_fits_leads_on(analyst: Visitor, peer: Peer) -> None:
    """What is older was not looked through yet; where nothing is, other days are advised."""
    days = {"start_date": "2026-01-01", "end_date": "2026-01-31"}
    peer.answers[pb.FindDecisionsRequest] = pb.FindDecisionsResponse(
        **days, next_page_token="17.2.c"
    )
    text = analyst.get(f"{LIST}?{FILTERS}").text
    peer.answers[pb.FindDecisionsRequest] = pb.FindDecisionsResponse(**days)
    last = analyst.get(f"{LIST}?{FILTERS}&after=17.2.c").text

    assert "There are older ones in these days." in text
    assert "Older decisions" in text
    assert "No decision was taken in these days" in last
    assert "To the newest decisions" in last


def test_the_table_holds_all_that_is_listed(analyst: Visitor, peer: Peer) -> None:
    """However many pages that fills, under one head; of the days that the first page names."""
    last = pb.FindDecisionsResponse()
    last.CopyFrom(FOUND)
    last.next_page_token = ""
    pages = iter([FOUND, last])
    peer.wait_for = lambda: _turn(peer, pages)
    answer = analyst.get(f"{LIST}?{FILTERS}&table=decisions")

    head, first, second = answer.text.splitlines()
    assert head.startswith("\ufeffdecision_id,case_id,case_version,decide_time,actor,outcome,")
    assert first == second
    assert first.startswith(f"{CASE_ID}:2,{CASE_ID},2,2026-01-18T")
    assert [one.page_token for one in peer.asked_for(pb.FindDecisionsRequest)] == ["", "17.2.c"]
    assert 'filename="qyzmet-decisions-decisions.csv"' in answer.headers["content-disposition"]


def _turn(peer: Peer, pages: Iterator[pb.FindDecisionsResponse]) -> None:
    """Let each question for decisions have the next page."""
    if isinstance(peer.asked[-1], pb.FindDecisionsRequest):
        peer.answers[pb.FindDecisionsRequest] = next(pages)


def test_a_table_that_is_refused_is_refused_at_once(analyst: Visitor, peer: Peer) -> None:
    """Not in the middle of a file."""
    peer.refuse[pb.FindDecisionsRequest] = InvalidError("from 1 to 366 days", field="start_date")

    assert analyst.get(f"{LIST}?table=decisions").status_code == 400
    assert analyst.get(f"{LIST}?table=others").status_code == 404


def test_where_nothing_was_decided_it_is_said_what_to_do(analyst: Visitor, peer: Peer) -> None:
    """Other days, or fewer filters."""
    peer.answers[pb.FindDecisionsRequest] = pb.FindDecisionsResponse(
        start_date="2026-01-01", end_date="2026-01-31"
    )

    assert "Choose other days, or fewer filters." in analyst.get(LIST).text


def test_a_number_leads_to_its_case(analyst: Visitor, peer: Peer) -> None:
    """However it was typed."""
    peer.answers[cases.ListCasesRequest] = cases.ListCasesResponse(cases=[CASE])
    answer = analyst.get("/en/analyst/decisions?number=%20qz-26-0000042-7")

    assert answer.headers["location"] == PAGE
    (asked,) = peer.asked_for(cases.ListCasesRequest)
    assert asked.number == NUMBER


@pytest.mark.parametrize("number", [CASE_ID, NUMBER])
def test_the_days_go_along_to_a_decision_and_back(
    analyst: Visitor, peer: Peer, number: str
) -> None:
    """From the list, and by a number or an id that is looked for in it."""
    days = "start_date=2026-01-01&end_date=2026-01-31"
    peer.answers[pb.FindDecisionsRequest] = FOUND
    peer.answers[cases.ListCasesRequest] = cases.ListCasesResponse(cases=[CASE])
    listed = analyst.get(f"{LIST}?{days}").text
    searched = analyst.get(f"{LIST}?{days}&number={number}").headers["location"]
    back = f'href="{LIST}?{escape(days)}" aria-current="page"'

    assert f'href="{PAGE}?{escape(days)}"' in listed
    assert '<input type="hidden" name="start_date" value="2026-01-01">' in listed
    assert searched == f"{PAGE}?{days}"
    assert back in analyst.get(searched).text


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
