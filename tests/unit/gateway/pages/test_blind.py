"""A case of the random sample: judged without the AI's answer, and told to its citizen in words."""

from collections.abc import Callable

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.pages.test_sorting import CASE_PAGE, WAITING
from tests.unit.gateway.peer import CASE_ID, Peer

ANSWERS = ("Passport", "left.the-register", "identity.passport", "42%", "<mark>", "Marked are")
"""What of the model's answer stands on the page of any other case."""


def sampled(**changed: object) -> pb.Case:
    """Return a case of the sample that waits, with something changed."""
    case = pb.Case()
    case.CopyFrom(WAITING)
    case.ClearField("suggested_service_id")
    case.ClearField("returned_by")
    case.decision.reason_code = case.timeline[0].reason_code = "SAMPLED"
    case.MergeFrom(pb.Case(**changed))
    return case


@pytest.fixture
def sorter(visit_as: Callable[..., Visitor], peer: Peer) -> Visitor:
    """Sign in somebody who sorts, with a case of the sample that waits."""
    peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=sampled())
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(cases=[sampled(), sampled()])
    return visit_as(Role.TRIAGE_OFFICER)


@pytest.mark.parametrize("path", ["/en/triage", CASE_PAGE])
def test_nothing_of_the_models_answer_is_shown_before_the_choice(
    sorter: Visitor, path: str
) -> None:
    """Neither in the list nor on the page: no service, no probability, no marked word."""
    page = sorter.get(path).text

    assert [one for one in ANSWERS if one in page] == []
    assert "icked at random to check the AI" in page


def test_the_service_that_its_citizen_chose_is_not_shown_either(
    sorter: Visitor, peer: Peer
) -> None:
    """It is mostly from what the AI offered; what they say later is shown."""
    chose = pb.CaseMessage(case_version=1, type="submitted", text="I chose the blue one.")
    later = pb.CaseMessage(case_version=2, type="objected", text="It is about my son.")
    text = pb.MaskedText(case_id=CASE_ID, text="My passport", messages=[chose, later])
    peer.answers[pb.BatchGetMaskedTextRequest] = pb.BatchGetMaskedTextResponse(texts=[text])
    case = sampled(version=2)
    case.timeline[0].case_version = 1
    case.timeline.add(case_version=2, type="objected", state=pb.STATE_TRIAGED)
    peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=case)

    page = sorter.get(CASE_PAGE).text

    assert "the blue one" not in page
    assert "about my son" in page


def test_any_service_can_be_searched_for(sorter: Visitor) -> None:
    """What is found is offered as always."""
    page = sorter.get(f"{CASE_PAGE}?find=passport").text

    assert 'name="service" value="identity.passport"' in page


def test_after_the_choice_the_models_answer_is_shown(sorter: Visitor, peer: Peer) -> None:
    """Whoever chose sees whether the AI would have chosen alike; nothing is to be pressed."""
    chosen = pb.Decision(actor=pb.ACTOR_KIND_TRIAGE_OFFICER, reason_code="ASSIGNED")
    case = sampled(state=pb.STATE_ROUTED, office="MIA", decision=chosen)
    peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=case)

    page = sorter.get(CASE_PAGE).text

    assert "which had thought of" in page
    assert "Passport en" in page
    assert "possible, 42%" in page
    assert 'name="service"' not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Бұл өтініш кездейсоқ таңдалды"),
        ("ru", "Это обращение выбрано случайно"),
        ("en", "This request was picked at random"),
    ],
)
def test_its_citizen_is_told_why_a_person_looks(
    visitor: Visitor, peer: Peer, language: str, words: str
) -> None:
    """In plain words, and not that an AI sorted it."""
    peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=sampled())
    peer.answers[pb.GetCaseTextRequest] = pb.GetCaseTextResponse(text="My passport is lost.")

    page = visitor.get(f"/{language}/cases/{CASE_ID}").text

    assert words in page
    assert "<mark>" not in page
