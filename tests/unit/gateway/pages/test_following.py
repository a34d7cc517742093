"""Following a request, and what its citizen may wish."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from urllib.parse import quote

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.pages.citizen.story import STATES, TYPES
from qyzmet.audit.v1 import audit_pb2 as audit
from qyzmet.cases.v1 import cases_pb2 as cases
from qyzmet.catalog.v1 import catalog_pb2 as catalog
from qyzmet.routing.v1 import routing_pb2 as routing
from services.chassis.codec import to_timestamp
from services.chassis.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    VersionConflictError,
)
from services.chassis.principal import Role
from services.chassis.story import KNOWN_TYPES
from services.chassis.workdays import end_of
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE_ID, Peer

PAGE = f"/en/cases/{CASE_ID}"
HOSTILE = "<script>alert(1)</script>"
MOMENT = Timestamp(seconds=1_795_809_900)  # 27 November 2026, 20:05 UTC
DUE = to_timestamp(end_of(date(2026, 12, 11)))
"""When a term ends: at midnight in Kazakhstan."""


def case(state: int, timeline: Sequence[cases.TimelineEntry] = (), **more: object) -> cases.Case:
    return cases.Case(
        id=CASE_ID,
        number="QZ-26-0000042-7",
        state=state,
        version=4,
        submit_time=MOMENT,
        timeline=timeline,
        **more,
    )


@pytest.fixture
def show(visitor: Visitor, peer: Peer) -> Callable[..., str]:
    """Show the page of a case as it is made here."""

    def page(state: int, *, text: cases.GetCaseTextResponse | None = None, **more: object) -> str:
        peer.answers[cases.GetCaseRequest] = cases.GetCaseResponse(case=case(state, **more))
        if text is not None:
            peer.answers[cases.GetCaseTextRequest] = text
        return visitor.get(PAGE).text

    return page


def test_a_case_says_where_it_stands(show: Callable[..., str]) -> None:
    """With its number, its service, who has it, and by law until the end of which day."""
    page = show(cases.STATE_ACCEPTED, service_id="identity.passport", office="MIA", due_time=DUE)

    assert "<h1>The office works on it</h1>" in page
    for words in (
        "QZ-26-0000042-7",
        "Passport en",
        "Ministry en",
        "By law until",
        "11 December 2026",
    ):
        assert words in page


def test_an_office_of_a_region_is_called_by_both_names(show: Callable[..., str]) -> None:
    """No code of an office stands before a citizen."""
    page = show(cases.STATE_ROUTED, office="akimat-75")

    assert "Akimat en, Almaty en" in page
    assert "akimat-75" not in page


def test_every_step_is_told_with_its_reason(show: Callable[..., str]) -> None:
    """The newest first, each at its time, in words."""
    reason = catalog.LocalizedText(en="The service was found from the text.")
    story = [
        cases.TimelineEntry(type="submitted", event_time=MOMENT),
        cases.TimelineEntry(
            type="routed", event_time=MOMENT, office="MIA", reason_code="CONFIDENT", reason=reason
        ),
    ]
    page = show(cases.STATE_ROUTED, timeline=story)

    assert page.index("was sent to an office") < page.index("We have your request.")
    assert "The service was found from the text." in page
    assert "28 November 2026, 01:05" in page
    assert "CONFIDENT" not in page


def test_every_step_and_state_has_words() -> None:
    """A new one is told here before it can happen."""
    assert {f"kz.qyzmet.case.{name}.v1" for name in TYPES} == KNOWN_TYPES
    assert set(STATES) == set(cases.State.values()) - {cases.STATE_UNSPECIFIED}


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        ("GRANTED", "Done"),
        ("REFUSED", "The office refused"),
        ("EXPLAINED", "The office explained it"),
    ],
)
def test_how_it_ended_is_said_first(show: Callable[..., str], code: str, heading: str) -> None:
    """A refusal is not called done, and it can be contradicted."""
    story = [cases.TimelineEntry(type="completed", event_time=MOMENT, reason_code=code)]
    page = show(cases.STATE_COMPLETED, timeline=story)

    assert f"<h1>{heading}</h1>" in page
    assert "It is done" not in page
    assert ("You do not agree?" in page) == (code == "REFUSED")


def test_the_last_end_counts(show: Callable[..., str]) -> None:
    """Of a request that was opened again."""
    story = [
        cases.TimelineEntry(type="completed", event_time=MOMENT, reason_code="REFUSED"),
        cases.TimelineEntry(type="reopened", event_time=MOMENT),
        cases.TimelineEntry(type="completed", event_time=MOMENT, reason_code="GRANTED"),
    ]

    assert "<h1>Done</h1>" in show(cases.STATE_COMPLETED, timeline=story)


def test_a_list_calls_nothing_done(visit_as: Callable[..., Visitor], peer: Peer) -> None:
    """It does not know how a request ended."""
    ended = case(cases.STATE_COMPLETED)
    peer.answers[cases.ListCasesRequest] = cases.ListCasesResponse(cases=[ended])
    page = visit_as(Role.CITIZEN).get("/en/cases").text

    assert '<span class="tag">The office has decided</span>' in page


@pytest.mark.parametrize(
    ("state", "is_over"),
    [
        (cases.STATE_ACCEPTED, False),
        (cases.STATE_COMPLETED, True),
        (cases.STATE_WITHDRAWN, True),
    ],
)
def test_an_end_is_no_dead_end(
    show: Callable[..., str], state: cases.State.ValueType, *, is_over: bool
) -> None:
    """There is a way on to another request."""
    assert ('href="/en/">Ask something else</a>' in show(state)) == is_over


@pytest.mark.parametrize(
    ("done", "state", "is_told"),
    [
        ("answered", cases.STATE_ACCEPTED, True),
        ("answered", cases.STATE_COMPLETED, False),
        ("reopened", cases.STATE_WITHDRAWN, False),
        ("withdrawn", cases.STATE_WITHDRAWN, True),
        ("withdrawn", cases.STATE_ACCEPTED, False),
        ("rated", cases.STATE_COMPLETED, True),
        ("rated", cases.STATE_TRIAGED, False),
    ],
)
def test_what_was_done_is_told_as_long_as_it_holds(
    visitor: Visitor, peer: Peer, *, done: str, state: cases.State.ValueType, is_told: bool
) -> None:
    """A page may be loaded anew when the case has moved on."""
    peer.answers[cases.GetCaseRequest] = cases.GetCaseResponse(case=case(state))
    address = f"{PAGE}?done={done}".replace("/en/", "/kk/")

    assert ('<p class="box good"' in visitor.get(address).text) == is_told


def test_a_part_leads_to_its_whole_and_back(show: Callable[..., str]) -> None:
    """Each is followed by itself."""
    story = [cases.TimelineEntry(type="split", event_time=MOMENT, child_id="child-1")]
    page = show(cases.STATE_ROUTED, timeline=story, parent_id="parent-1")

    assert 'href="/en/cases/child-1"' in page
    assert 'href="/en/cases/parent-1"' in page


def test_words_that_were_said_are_shown_as_text(show: Callable[..., str]) -> None:
    """The citizen's own, and the office's question."""
    asked = cases.CaseMessage(type="information-requested", office="MIA", text=f"Why? {HOSTILE}")
    page = show(
        cases.STATE_INFORMATION_REQUESTED,
        text=cases.GetCaseTextResponse(text=HOSTILE, messages=[asked]),
    )

    assert HOSTILE not in page
    assert "Why? &lt;script&gt;" in page


def test_why_it_was_refused_stands_where_it_was(show: Callable[..., str]) -> None:
    """Not among the citizen's own words, which are behind a press."""
    end = cases.TimelineEntry(type="completed", case_version=4, reason_code="REFUSED")
    why = cases.CaseMessage(type="completed", case_version=4, text=f"No: {HOSTILE}")
    page = show(
        cases.STATE_COMPLETED,
        timeline=[end],
        text=cases.GetCaseTextResponse(text="My words", messages=[why]),
    )

    story = page.partition('<ol class="story">')[2].partition("</ol>")[0]
    assert "No: &lt;script&gt;" in story
    assert page.count("No: &lt;script&gt;") == 1


def test_the_words_behind_the_choice_of_a_model_are_marked(show: Callable[..., str]) -> None:
    """With the way to say that it is wrong."""
    word = cases.ExplainedWord(start=5, end=13, weight=1.0)
    decision = cases.Decision(
        actor=cases.ACTOR_KIND_MODEL, explanation=cases.Explanation(words=[word])
    )
    page = show(
        cases.STATE_ROUTED,
        service_id="identity.passport",
        decision=decision,
        text=cases.GetCaseTextResponse(text="lost passport"),
    )

    assert "lost <mark>passport</mark>" in page
    assert f'action="{PAGE}/object"' in page


BY_MODEL = cases.Decision(actor=cases.ACTOR_KIND_MODEL)
BY_PERSON = cases.Decision(actor=cases.ACTOR_KIND_TRIAGE_OFFICER)


@pytest.mark.parametrize(
    ("state", "decision", "wishes"),
    [
        (cases.STATE_SUBMITTED, None, {"withdraw"}),
        (cases.STATE_CONFIRMATION_REQUESTED, BY_MODEL, {"confirm", "withdraw"}),
        (cases.STATE_TRIAGED, BY_MODEL, {"withdraw"}),
        (cases.STATE_ROUTED, BY_MODEL, {"object", "withdraw"}),
        (cases.STATE_ROUTED, BY_PERSON, {"withdraw"}),
        (cases.STATE_ACCEPTED, BY_MODEL, {"object", "withdraw"}),
        (cases.STATE_INFORMATION_REQUESTED, BY_PERSON, {"answer", "withdraw"}),
        (cases.STATE_COMPLETED, BY_MODEL, {"rate", "reopen"}),
        (cases.STATE_RETURNED, BY_MODEL, {"withdraw"}),
        (cases.STATE_WITHDRAWN, BY_MODEL, set()),
    ],
)
def test_a_citizen_is_offered_what_they_may_do(
    show: Callable[..., str], state: int, decision: cases.Decision | None, wishes: set[str]
) -> None:
    """By where the case stands, and by who decided; nothing that would be refused."""
    page = show(state, decision=decision)

    every = {"confirm", "answer", "object", "reopen", "rate", "withdraw"}
    assert {wish for wish in every if f'action="{PAGE}/{wish}"' in page} == wishes


def test_a_citizen_may_say_what_they_meant(show: Callable[..., str]) -> None:
    """Also where nobody can say which words the model went by."""
    page = show(cases.STATE_ROUTED, decision=BY_MODEL)

    form = page[page.index(f'action="{PAGE}/object"') :].partition("</form>")[0]
    assert '<textarea id="object" name="text"' in form


@pytest.mark.parametrize(
    ("wish", "fields", "kind", "told"),
    [
        (
            "confirm",
            {"service": "a", "region": "75"},
            routing.ConfirmCaseRequest,
            {"service_id": "a", "region": "75"},
        ),
        ("confirm", {"service": "person"}, routing.ConfirmCaseRequest, {"service_id": ""}),
        (
            "answer",
            {"text": "Yes\r\nit is"},
            cases.ProvideInformationRequest,
            {"text": "Yes\nit is"},
        ),
        ("object", {"text": "No"}, cases.ObjectToDecisionRequest, {"text": "No"}),
        ("reopen", {"text": "Not yet"}, cases.ReopenCaseRequest, {"text": "Not yet"}),
        ("rate", {"stars": "4"}, cases.RateCaseRequest, {"stars": 4}),
        ("withdraw", {}, cases.WithdrawCaseRequest, {}),
    ],
)
def test_a_wish_reaches_the_service(
    visitor: Visitor,
    peer: Peer,
    *,
    wish: str,
    fields: dict[str, str],
    kind: type[Message],
    told: dict[str, object],
) -> None:
    """Named for repetition, as of the version that was seen; and the page says that it was done."""
    ends = {"rate": cases.STATE_COMPLETED, "withdraw": cases.STATE_WITHDRAWN}
    after = case(ends.get(wish, cases.STATE_TRIAGED))
    peer.answers[cases.GetCaseRequest] = cases.GetCaseResponse(case=after)
    answer = visitor.send(f"{PAGE}/{wish}", key="k", version="4", **fields)

    (request,) = peer.asked_for(kind)
    assert {name: getattr(request, name) for name in told} == told
    assert (request.case_id, request.request_id, request.expected_version) == (CASE_ID, "k", 4)
    assert '<p class="box good"' in visitor.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("wish", "fields", "words", "state"),
    [
        ("answer", {}, "Write your answer.", cases.STATE_INFORMATION_REQUESTED),
        ("answer", {"text": "a" * 4001}, "longer than 4,000", cases.STATE_INFORMATION_REQUESTED),
        ("rate", {}, "Choose from 1 to 5.", cases.STATE_COMPLETED),
        ("rate", {"stars": "9"}, "Choose from 1 to 5.", cases.STATE_COMPLETED),
        ("confirm", {}, "Choose a service, or ask a person.", cases.STATE_CONFIRMATION_REQUESTED),
    ],
)
def test_what_is_wanting_is_said_beside_the_field(
    visitor: Visitor, peer: Peer, *, wish: str, fields: dict[str, str], words: str, state: int
) -> None:
    """And no service hears of it."""
    answer = visitor.send(f"{PAGE}/{wish}", **fields)
    assert peer.asked == []

    peer.answers[cases.GetCaseRequest] = cases.GetCaseResponse(case=case(state))
    page = visitor.get(answer.headers["location"]).text
    wrong = page.partition('<p class="wrong" id="wrong">')[2]
    assert words in wrong.partition("</p>")[0]


def test_a_region_that_is_wanting_is_asked_for(visitor: Visitor, peer: Peer) -> None:
    """Where the service chosen is of an office in each region."""
    peer.refuse[routing.ConfirmCaseRequest] = InvalidError(reason="REGION_REQUIRED")
    offered = [cases.Alternative(service_id="housing.queue")]
    peer.answers[cases.GetCaseRequest] = cases.GetCaseResponse(
        case=case(cases.STATE_CONFIRMATION_REQUESTED, decision=cases.Decision(alternatives=offered))
    )

    page = visitor.get(
        visitor.send(f"{PAGE}/confirm", service="housing.queue").headers["location"]
    ).text

    assert "Choose your region." in page
    assert '<option value="75">Almaty en</option>' in page


OFFERED = cases.Decision(
    alternatives=[
        cases.Alternative(service_id="identity.passport"),
        cases.Alternative(service_id="housing.queue"),
    ]
)


def checked(page: str) -> list[str]:
    return re.findall(r'<input type="radio"[^>]* value="([^"]+)" checked>', page)


def test_no_service_is_chosen_for_a_citizen(show: Callable[..., str]) -> None:
    """What is sent as their choice, they chose."""
    page = show(cases.STATE_CONFIRMATION_REQUESTED, decision=OFFERED)

    assert 'value="housing.queue"' in page
    assert checked(page) == []


def test_a_service_stays_chosen_while_its_region_is_asked_for(
    visitor: Visitor, peer: Peer, show: Callable[..., str]
) -> None:
    """So that the next press sends what they chose, and not another service."""
    peer.refuse[routing.ConfirmCaseRequest] = InvalidError(reason="REGION_REQUIRED")
    show(cases.STATE_CONFIRMATION_REQUESTED, decision=OFFERED)
    address = visitor.send(f"{PAGE}/confirm", service="housing.queue").headers["location"]

    assert checked(visitor.get(address).text) == ["housing.queue"]


def test_a_region_stays_chosen_while_a_service_is_asked_for(
    visitor: Visitor, show: Callable[..., str]
) -> None:
    """The other way round."""
    show(cases.STATE_CONFIRMATION_REQUESTED, decision=OFFERED)
    address = visitor.send(f"{PAGE}/confirm", region="75").headers["location"]

    assert '<option value="75" selected>' in visitor.get(address).text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (VersionConflictError(), "The request changed while you were looking at it"),
        (ConflictError(), "This is not possible now"),
    ],
)
def test_a_wish_that_is_refused_leads_back_to_the_case(
    visitor: Visitor, peer: Peer, error: Exception, words: str
) -> None:
    """What happened, and where to look at it again."""
    peer.fail = error
    page = visitor.send(f"{PAGE}/withdraw").text

    assert f"<h1>{words}</h1>" in page
    assert f'href="{PAGE}"' in page


def test_a_case_of_somebody_else_does_not_exist(visitor: Visitor, peer: Peer) -> None:
    """Nor does the page tell more, or lead back to where nothing is."""
    peer.fail = NotFoundError(reason="CASE_NOT_FOUND")
    answer = visitor.get(PAGE)

    assert answer.status_code == 404
    assert "<h1>We do not find this request</h1>" in answer.text
    assert f'href="{PAGE}"' not in answer.text


def test_a_case_that_is_not_found_is_signed_in_for(
    visitor: Visitor, visit_as: Callable[..., Visitor], peer: Peer
) -> None:
    """It may be theirs, and signing in leads back to it; who signed in already is not asked to."""
    peer.fail = NotFoundError(reason="CASE_NOT_FOUND")
    way = f'href="/en/sign-in?next={quote(PAGE, safe="")}"'

    assert way in visitor.get(PAGE).text
    assert way not in visit_as(Role.CITIZEN).get(PAGE).text


ERASED = {
    "kk": "Бұл өтініштің сөздері өшірілді",
    "ru": "Слова этого обращения стёрты",
    "en": "The words of this request were erased",
}


@pytest.mark.parametrize(("language", "words"), ERASED.items())
def test_a_request_whose_words_were_erased_is_followed_all_the_same(
    visitor: Visitor, peer: Peer, language: str, words: str
) -> None:
    """Where it stands, who had it, the receipt and the proof; and that the words are gone."""
    peer.answers[cases.GetCaseRequest] = cases.GetCaseResponse(
        case=case(cases.STATE_COMPLETED, office="MIA", decision=BY_MODEL)
    )
    peer.refuse[cases.GetCaseTextRequest] = NotFoundError(reason="WORDS_ERASED")
    answer = visitor.get(f"/{language}/cases/{CASE_ID}")

    assert answer.status_code == 200
    for shown in (words, f"Ministry {language}", f"{CASE_ID}/receipt", f"{CASE_ID}/proof"):
        assert shown in answer.text


def test_a_request_whose_words_were_erased_is_rated_and_not_reopened(
    peer: Peer, show: Callable[..., str]
) -> None:
    """Nobody could work on it; an opinion needs no words."""
    peer.refuse[cases.GetCaseTextRequest] = NotFoundError(reason="WORDS_ERASED")
    page = show(cases.STATE_COMPLETED, decision=BY_MODEL)

    assert f'action="{PAGE}/rate"' in page
    assert f'action="{PAGE}/reopen"' not in page


def test_a_request_that_vanishes_is_not_taken_for_an_erased_one(
    visitor: Visitor, peer: Peer
) -> None:
    """It is not theirs any more, whatever stood there a moment ago."""
    peer.refuse[cases.GetCaseTextRequest] = NotFoundError(reason="CASE_NOT_FOUND")

    assert visitor.get(PAGE).status_code == 404


def test_an_address_that_is_no_case_is_no_page(visitor: Visitor, peer: Peer) -> None:
    """Nobody is asked about it."""
    assert visitor.get("/en/cases/not-a-case").status_code == 404
    assert peer.asked == []


def test_who_is_no_citizen_sees_no_words_and_no_wishes(
    visit_as: Callable[..., Visitor], peer: Peer
) -> None:
    """An analyst may see where a case stands."""
    page = visit_as(Role.ANALYST).get(PAGE)

    assert page.status_code == 200
    assert peer.asked_for(cases.GetCaseTextRequest) == []
    assert f'action="{PAGE}/' not in page.text


def test_one_finds_ones_own_requests(visit_as: Callable[..., Visitor], peer: Peer) -> None:
    """With the way to older ones."""
    page = visit_as(Role.CITIZEN).get("/en/cases").text

    assert f'href="{PAGE}"' in page
    assert "Waits for your choice" in page
    assert 'href="/en/cases?after=next"' in page


def test_one_is_found_by_the_number_of_its_receipt(
    visit_as: Callable[..., Visitor], peer: Peer
) -> None:
    """A slip of the pen is told beside the field."""
    visitor = visit_as(Role.CITIZEN)
    visitor.get("/en/cases?number=+QZ-26-0000042-7+")
    assert peer.asked_for(cases.ListCasesRequest)[0].number == "QZ-26-0000042-7"

    peer.refuse[cases.ListCasesRequest] = InvalidError(field="number")
    answer = visitor.get("/en/cases?number=QZ-26-1")
    assert answer.status_code == 422
    assert "Check its digits" in answer.text


def test_who_did_not_sign_in_is_told_how_to_find_a_request(visitor: Visitor) -> None:
    """By signing in, or by the address on the receipt."""
    page = visitor.get("/kk/cases").text

    assert 'href="/kk/sign-in?next=' in page
    assert "Өтініштеріңізді көру үшін кіріңіз" in page


def test_a_receipt_holds_what_one_needs_to_come_back(visitor: Visitor) -> None:
    """The number, the day, the address in words and as a square for a telephone."""
    page = visitor.get(f"{PAGE}/receipt").text

    assert "QZ-26-0000042-7" in page
    assert f"{visitor.client.base_url}{PAGE}</a>" in page
    assert "<svg" in page
    assert "style=" not in page


def test_a_receipt_leads_to_the_proof(visitor: Visitor) -> None:
    """That no decision on the request was changed; where it waits still, its page says so."""
    page = visitor.get(f"{PAGE}/receipt").text

    assert f'href="{PAGE}/proof"' in page


def test_a_proof_is_a_file_to_keep(visitor: Visitor, peer: Peer) -> None:
    """As it was given; where there is none yet, a page says when to come."""
    waiting = visitor.get(f"{PAGE}/proof")
    assert "The proof is not ready yet" in waiting.text

    proofs = [audit.InclusionProof(leaf_index=3, record="{}")]
    peer.answers[audit.GetCaseProofRequest] = audit.GetCaseProofResponse(proofs=proofs)
    given = visitor.get(f"{PAGE}/proof")
    assert given.headers["content-disposition"] == f'attachment; filename="qyzmet-{CASE_ID}.json"'
    assert given.json()["proofs"][0]["record"] == "{}"
