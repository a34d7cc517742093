"""The pages of those who sort, before services that say what a test lets them."""

import re
from collections.abc import Callable

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.routing.v1 import routing_pb2
from services.chassis.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    VersionConflictError,
)
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE_ID, Peer

CASE_PAGE = f"/en/triage/cases/{CASE_ID}"
WAITING = pb.Case(
    id=CASE_ID,
    number="QZ-26-0000042-7",
    state=pb.STATE_TRIAGED,
    version=3,
    suggested_service_id="housing.queue",
    returned_by=["MIA"],
    decision=pb.Decision(
        outcome=pb.OUTCOME_TRIAGE,
        actor=pb.ACTOR_KIND_MODEL,
        alternatives=[
            pb.Alternative(service_id="identity.passport", probability=0.42),
            pb.Alternative(service_id="left.the-register", probability=0.2),
        ],
        explanation=pb.Explanation(words=[pb.ExplainedWord(start=0, end=3, weight=1)]),
    ),
    timeline=[
        pb.TimelineEntry(case_version=3, type="triaged", actor=pb.ACTOR_KIND_MODEL),
    ],
)
HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }}"
SENT = {"version": "2", "key": "0" * 32}


@pytest.fixture
def sorter(visit_as: Callable[..., Visitor], peer: Peer) -> Visitor:
    """Sign in somebody who sorts, with a case that waits."""
    peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=WAITING)
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(cases=[WAITING, WAITING])
    return visit_as(Role.TRIAGE_OFFICER)


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        ("", {"state": pb.STATE_TRIAGED, "order": pb.CASE_ORDER_DUE}),
        ("asked", {"state": pb.STATE_CONFIRMATION_REQUESTED, "order": pb.CASE_ORDER_NEWEST}),
        ("all", {"order": pb.CASE_ORDER_NEWEST}),
        ("done", {"state": pb.STATE_TRIAGED, "order": pb.CASE_ORDER_DUE}),
    ],
)
def test_the_queue_is_of_what_waits_for_a_choice(
    sorter: Visitor, peer: Peer, view: str, wanted: dict[str, int]
) -> None:
    """What is due first comes first; a list that there is not is the first one."""
    sorter.get(f"/en/triage?view={view}")

    assert peer.asked_for(pb.ListCasesRequest) == [pb.ListCasesRequest(page_size=25, **wanted)]


def test_a_row_tells_what_the_ai_thinks(sorter: Visitor) -> None:
    """In words and per cent, with the number."""
    page = sorter.get("/kk/triage").text

    assert "Passport kk?" in page
    assert "мүмкін, 42%" in page
    assert "QZ-26-0000042-7" in page


def test_a_row_names_no_service_where_the_ai_finds_none(sorter: Visitor, peer: Peer) -> None:
    """The closest one is hardly meant."""
    strange = pb.Case()
    strange.CopyFrom(WAITING)
    strange.decision.reason_code = "OUT_OF_SCOPE"
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(cases=[strange, strange])
    page = sorter.get("/en/triage").text

    assert "The AI finds no public service for it" in page
    assert "Passport en?" not in page
    assert "42%" not in page


def test_a_number_leads_to_its_case(sorter: Visitor, peer: Peer) -> None:
    """As in an office."""
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(cases=[WAITING])

    answer = sorter.get("/en/triage?number=QZ-26-0000042-7")

    assert answer.headers["location"] == CASE_PAGE


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Nothing waits to be sorted"),
        ("?number=QZ-26-0000042-7", "It may be with an office already"),
        ("?view=late", "This list is empty"),
    ],
)
def test_an_empty_list_says_what_to_do(sorter: Visitor, peer: Peer, query: str, words: str) -> None:
    """Each in its own words."""
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(next_page_token="")

    assert words in sorter.get(f"/en/triage{query}").text


def test_a_case_is_sorted_without_personal_data(sorter: Visitor, peer: Peer) -> None:
    """The masked words, with those marked that spoke; the citizen's own are not asked for."""
    page = sorter.get(CASE_PAGE).text

    assert "<mark>ИИН</mark> [IIN]" in page
    assert peer.asked_for(pb.GetCaseTextRequest) == []


@pytest.mark.parametrize(
    ("language", "what"),
    [
        ("kk", "Азамат жасанды интеллект таңдауына қарсы болды"),
        ("ru", "Гражданин возразил против выбора ИИ"),
        ("en", "The citizen objected to the choice of the AI"),
    ],
)
def test_who_sorts_reads_why_the_citizen_objects(
    sorter: Visitor, peer: Peer, language: str, what: str
) -> None:
    """With what happened, without personal data, and only as a text."""
    objected = pb.Case(id=CASE_ID, state=pb.STATE_TRIAGED, version=4)
    objected.timeline.add(case_version=4, type="objected", actor=pb.ACTOR_KIND_CITIZEN)
    peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=objected)
    said = pb.CaseMessage(case_version=4, type="objected", text=f"ИИН [IIN] {HOSTILE}")
    peer.answers[pb.BatchGetMaskedTextRequest] = pb.BatchGetMaskedTextResponse(
        texts=[pb.MaskedText(case_id=CASE_ID, text="Паспорт", messages=[said])]
    )

    page = sorter.get(f"/{language}/triage/cases/{CASE_ID}").text

    assert peer.asked_for(pb.BatchGetMaskedTextRequest) == [
        pb.BatchGetMaskedTextRequest(case_ids=[CASE_ID], include_messages=True)
    ]
    assert what in page
    assert "<blockquote>ИИН [IIN] &lt;img" in page
    assert "<img" not in page


def test_services_are_offered_by_how_sure_the_ai_is(sorter: Visitor) -> None:
    """Behind what the office that returned it thinks of; who returned it is told."""
    page = sorter.get(CASE_PAGE).text

    offered = re.findall(r'name="service" value="([^"]+)"', page)
    assert offered == ["housing.queue", "identity.passport", "left.the-register", "-"]
    assert "the office that returned it thinks of it" in page
    assert "possible, 42%" in page
    assert "no longer in the register" in page
    assert "<dt>Returned by</dt><dd>Ministry en</dd>" in page


def test_other_services_are_searched_for(sorter: Visitor, peer: Peer) -> None:
    """In the register of services, by whatever words."""
    page = sorter.get(f"{CASE_PAGE}?find=төлқұжат").text

    (asked,) = peer.asked_for(catalog_pb2.ListServicesRequest)
    assert asked.query == "төлқұжат"
    assert 'value="төлқұжат"' in page


def test_a_choice_names_the_version_that_was_seen(sorter: Visitor, peer: Peer) -> None:
    """And itself, so that pressing twice does nothing twice."""
    answer = sorter.send(f"{CASE_PAGE}/assign", **SENT, service="identity.passport", region="75")

    assert peer.asked_for(routing_pb2.AssignCaseRequest) == [
        routing_pb2.AssignCaseRequest(
            case_id=CASE_ID,
            service_id="identity.passport",
            region="75",
            expected_version=2,
            request_id="0" * 32,
        )
    ]
    assert answer.status_code == 303
    assert "The case is sent on" in sorter.get(answer.headers["location"]).text


def test_that_none_fits_is_said_without_a_service(sorter: Visitor, peer: Peer) -> None:
    """Not by leaving something out: it has a button of its own."""
    answer = sorter.send(f"{CASE_PAGE}/assign", **SENT, service="-")

    (asked,) = peer.asked_for(routing_pb2.AssignCaseRequest)
    assert asked.service_id == ""
    assert "no public service fits" in sorter.get(answer.headers["location"]).text


def test_nothing_chosen_is_not_none_fits(sorter: Visitor, peer: Peer) -> None:
    """A form without a choice closes nothing."""
    answer = sorter.send(f"{CASE_PAGE}/assign", **SENT)

    assert answer.status_code == 400
    assert "Choose a service." in answer.text
    assert peer.asked_for(routing_pb2.AssignCaseRequest) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InvalidError("no", reason="REGION_REQUIRED"), "Name the region"),
        (InvalidError("no", reason="UNKNOWN_REGION"), "Name the region"),
        (InvalidError("no", reason="UNKNOWN_SERVICE"), "not in the register any more"),
        (ConflictError("no", reason="RETURNED_BY_OFFICE"), "returned the case already"),
    ],
)
def test_what_is_wanting_is_told_where_it_is_wanting(
    sorter: Visitor, peer: Peer, error: Exception, words: str
) -> None:
    """With what to do about it."""
    peer.refuse[routing_pb2.AssignCaseRequest] = error

    answer = sorter.send(f"{CASE_PAGE}/assign", **SENT, service="housing.queue")

    assert answer.status_code == 400
    assert words in answer.text


def test_who_comes_second_is_told_what_changed(sorter: Visitor, peer: Peer) -> None:
    """And sees the case as it is now."""
    peer.refuse[routing_pb2.AssignCaseRequest] = VersionConflictError("3")

    answer = sorter.send(f"{CASE_PAGE}/assign", **SENT, service="identity.passport")

    assert answer.status_code == 409
    assert "Given to a person to sort</strong>: the AI" in answer.text
    assert 'name="version" value="3"' in answer.text
    assert f'formaction="/kk/triage/cases/{CASE_ID}/assign"' in answer.text


def test_a_second_choice_by_the_same_form_is_not_taken_for_the_first(
    sorter: Visitor, peer: Peer
) -> None:
    """The case is shown as it is now, and another try has another name."""
    peer.refuse[routing_pb2.AssignCaseRequest] = IdempotencyKeyReusedError()

    answer = sorter.send(f"{CASE_PAGE}/assign", **SENT, service="identity.passport")

    assert answer.status_code == 409
    assert "Given to a person to sort</strong>: the AI" in answer.text
    form = answer.text.partition('id="assign">')[2].partition("</form>")[0]
    assert 'name="key"' in form
    assert SENT["key"] not in form


def test_a_case_that_is_sorted_offers_nothing(sorter: Visitor, peer: Peer) -> None:
    """It says which service was chosen, and where it is."""
    sorted_ = pb.Case(
        id=CASE_ID, state=pb.STATE_ROUTED, office="MIA", service_id="identity.passport"
    )
    peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=sorted_)

    page = sorter.get(CASE_PAGE).text

    assert 'name="service"' not in page
    assert "This case is sorted: nothing is to be chosen." in page
    assert '<strong>Passport en</strong><span class="hint">Ministry en</span>' in page


def test_a_case_is_split(sorter: Visitor, peer: Peer) -> None:
    """In the name of no office."""
    answer = sorter.send(f"{CASE_PAGE}/split", **SENT, text="Бөлігі", meant="service:housing.queue")

    assert peer.asked_for(pb.SplitCaseRequest) == [
        pb.SplitCaseRequest(
            case_id=CASE_ID,
            text="Бөлігі",
            suggested_service_id="housing.queue",
            expected_version=2,
            request_id="0" * 32,
        )
    ]
    assert answer.headers["location"] == f"{CASE_PAGE}?done=split"


@pytest.mark.parametrize(
    ("text", "words"), [("", "Write it in words first."), ("a" * 4001, "long")]
)
def test_a_part_is_told_in_words(sorter: Visitor, peer: Peer, text: str, words: str) -> None:
    """Neither none nor too many."""
    answer = sorter.send(f"{CASE_PAGE}/split", **SENT, text=text)

    assert answer.status_code == 400
    assert words in answer.text
    assert peer.asked_for(pb.SplitCaseRequest) == []


def test_a_case_that_does_not_wait_is_not_there(sorter: Visitor, peer: Peer) -> None:
    """What an office holds is no concern of those who sort."""
    peer.refuse[pb.GetCaseRequest] = NotFoundError("no", reason="CASE_NOT_FOUND")

    answer = sorter.get(CASE_PAGE)

    assert answer.status_code == 404
    assert 'href="/en/triage"' in answer.text


def test_a_hostile_text_is_only_a_text(sorter: Visitor, peer: Peer) -> None:
    """In the words, and in what somebody searched for."""
    peer.answers[pb.BatchGetMaskedTextRequest] = pb.BatchGetMaskedTextResponse(
        texts=[pb.MaskedText(case_id=CASE_ID, text=HOSTILE)]
    )

    page = sorter.get(f"{CASE_PAGE}?find={HOSTILE}").text

    assert "<img" not in page
    assert "{{ 7*7 }}" in page


def test_erased_words_are_told(sorter: Visitor, peer: Peer) -> None:
    """There is nothing to sort by."""
    peer.answers[pb.BatchGetMaskedTextRequest] = pb.BatchGetMaskedTextResponse(
        texts=[pb.MaskedText(case_id=CASE_ID, text="")]
    )

    assert "nobody can read them again" in sorter.get(CASE_PAGE).text


@pytest.mark.parametrize("verb", ["assign", "split"])
def test_a_form_from_elsewhere_changes_nothing(sorter: Visitor, peer: Peer, verb: str) -> None:
    """Whatever it holds."""
    answer = sorter.send(f"{CASE_PAGE}/{verb}", origin="https://elsewhere.example", **SENT)

    assert answer.status_code == 403
    assert peer.asked == []
