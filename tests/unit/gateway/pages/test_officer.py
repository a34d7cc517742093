"""The pages of an office: queue, case, answers; before services that say what a test lets them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.delivery.v1 import delivery_pb2
from services.chassis.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    UnavailableError,
    VersionConflictError,
)
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE_ID, Peer

CASE_PAGE = f"/en/office/cases/{CASE_ID}"
HELD = pb.Case(
    id=CASE_ID,
    number="QZ-26-0000042-7",
    state=pb.STATE_ACCEPTED,
    version=4,
    submit_time=Timestamp(seconds=1_768_728_600),
    due_time=Timestamp(seconds=1_768_728_600),
    service_id="identity.passport",
    office="MIA",
    region="75",
    decision=pb.Decision(
        outcome=pb.OUTCOME_ROUTE,
        actor=pb.ACTOR_KIND_MODEL,
        probability=0.92,
        alternatives=[
            pb.Alternative(service_id="identity.passport", probability=0.92),
            pb.Alternative(service_id="housing.queue", probability=0.05),
        ],
        explanation=pb.Explanation(words=[pb.ExplainedWord(start=0, end=7, weight=1)]),
    ),
    timeline=[
        pb.TimelineEntry(case_version=4, type="accepted", actor=pb.ACTOR_KIND_OFFICER, office="MIA")
    ],
)
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\"'><h1>x</h1>"
SENT = {"version": "3", "office": "MIA", "key": "0" * 32}


@pytest.fixture
def officer(visit_as: Callable[..., Visitor], peer: Peer) -> Visitor:
    """Sign in an officer of the ministry, who holds a case."""
    peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=HELD)
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(cases=[HELD, HELD])
    return visit_as(Role.OFFICER, "MIA")


def asked(peer: Peer, kind: type[Message]) -> Message:
    (request,) = peer.asked_for(kind)
    return request  # type: ignore[no-any-return]


def changed(state: pb.State.ValueType) -> pb.GetCaseResponse:
    case = pb.Case()
    case.CopyFrom(HELD)
    case.state = state
    return pb.GetCaseResponse(case=case)


@pytest.mark.parametrize(
    ("done", "state", "is_told"),
    [
        ("ask", pb.STATE_INFORMATION_REQUESTED, True),
        ("ask", pb.STATE_ACCEPTED, False),
        ("accept", pb.STATE_ACCEPTED, True),
        ("accept", pb.STATE_INFORMATION_REQUESTED, False),
        ("split", pb.STATE_ACCEPTED, True),
    ],
)
def test_what_was_done_is_told_as_long_as_it_holds(
    officer: Visitor, peer: Peer, *, done: str, state: pb.State.ValueType, is_told: bool
) -> None:
    """No clock is said to stand still once the citizen answered and the page is loaded anew."""
    peer.answers[pb.GetCaseRequest] = changed(state)

    page = officer.get(f"{CASE_PAGE}?done={done}").text

    assert ('<p class="box good" role="status"' in page) == is_told


def test_the_queue_is_what_is_due_first(officer: Visitor, peer: Peer) -> None:
    """Unless somebody asks for something else."""
    officer.get("/en/office")

    assert asked(peer, pb.ListCasesRequest) == pb.ListCasesRequest(
        page_size=25, order=pb.CASE_ORDER_DUE
    )


def test_a_row_tells_what_one_decides_by(officer: Visitor) -> None:
    """Number, service, state, when it came, the clock in words, and the region."""
    page = officer.get("/ru/office").text

    for told in ("QZ-26-0000042-7", "Passport ru", "В работе", "18 января 2026", "Almaty ru"):
        assert told in page
    assert "Просрочено на" in page


DUE = Timestamp(seconds=1_768_849_200)
"""The midnight that ends 19 January 2026 in Kazakhstan."""


@pytest.mark.parametrize(
    ("alarm", "ru", "kk"),
    [
        ({"clock": "acknowledgement"}, "Никто не ответил", "ешкім жауап берген жоқ"),
        ({"clock": "receipt", "share": 0.5}, "или вернуть. Последний", "қайтару керек. Соңғы"),
        ({"clock": "receipt", "level": 1}, "Не зарегистрировано", "Уақытында тіркелмеді"),
        ({"clock": "pass-on", "share": 0.8}, "передать дальше. Последний", "жіберу керек. Соңғы"),
        ({"clock": "pass-on", "level": 1}, "не принято и не передано", "қабылданбады да"),
        ({"clock": "term", "share": 0.5}, "завершить. Последний", "аяқтау керек. Соңғы"),
    ],
)
def test_what_rang_stands_with_its_case(
    officer: Visitor, peer: Peer, alarm: dict[str, Any], ru: str, kk: str
) -> None:
    """Reminders with their day, and what was not done, in the language of the page."""
    rang = delivery_pb2.Alarm(case_id=CASE_ID, due_time=DUE, **alarm)
    of_another = delivery_pb2.Alarm(case_id="another", clock="receipt", level=1)
    peer.answers[delivery_pb2.BatchGetAlarmsRequest] = delivery_pb2.BatchGetAlarmsResponse(
        alarms=[rang, of_another]
    )

    page = officer.get("/ru/office").text

    assert ru in page
    assert ("день: 19 января 2026" in page) is ("share" in alarm)
    assert page.count('class="rang"') == 2
    assert kk in officer.get("/kk/office").text


def test_a_list_does_not_fail_with_the_clocks(officer: Visitor, peer: Peer) -> None:
    """What is to be done is told without what rang."""
    peer.refuse[delivery_pb2.BatchGetAlarmsRequest] = UnavailableError()

    answer = officer.get("/en/office")

    assert answer.status_code == 200
    assert "QZ-26-0000042-7" in answer.text


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        ("new", {"state": pb.STATE_ROUTED, "order": pb.CASE_ORDER_DUE}),
        ("asked", {"state": pb.STATE_INFORMATION_REQUESTED, "order": pb.CASE_ORDER_NEWEST}),
        ("done", {"state": pb.STATE_COMPLETED, "order": pb.CASE_ORDER_NEWEST}),
        ("all", {"order": pb.CASE_ORDER_NEWEST}),
        ("nonsense", {"order": pb.CASE_ORDER_DUE}),
    ],
)
def test_a_list_is_named_by_its_address(
    officer: Visitor, peer: Peer, view: str, wanted: dict[str, int]
) -> None:
    """And one that there is not is the first one."""
    officer.get(f"/en/office?view={view}&service=identity.passport&office=MIA&page=t")

    assert asked(peer, pb.ListCasesRequest) == pb.ListCasesRequest(
        page_size=25, service_id="identity.passport", office="MIA", page_token="t", **wanted
    )


@pytest.mark.parametrize("view", ["late", "soon"])
def test_what_is_late_or_soon_is_asked_for_by_its_moment(
    officer: Visitor, peer: Peer, view: str
) -> None:
    """Before now, or before the end of the third working day."""
    officer.get(f"/en/office?view={view}")

    assert asked(peer, pb.ListCasesRequest).HasField("due_before")


def test_a_queue_asks_for_its_cases_and_their_clocks_once(officer: Visitor, peer: Peer) -> None:
    """However many rows it has."""
    officer.get("/en/office")
    peer.asked.clear()
    officer.get("/en/office")

    assert [type(one) for one in peer.asked] == [
        pb.ListCasesRequest,
        delivery_pb2.BatchGetAlarmsRequest,
    ]


def test_the_next_page_keeps_the_filters(officer: Visitor, peer: Peer) -> None:
    """It is another address of the same list."""
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(cases=[HELD], next_page_token="after")

    page = officer.get("/en/office?view=new&service=identity.passport").text

    link = re.search(r'rel="next" href="([^"]+)"', page)
    assert link
    assert {"view=new", "service=identity.passport", "page=after"} <= set(
        link[1].partition("?")[2].split("&amp;")
    )


def test_a_number_leads_to_its_case(officer: Visitor, peer: Peer) -> None:
    """Wherever it stands."""
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(cases=[HELD])

    answer = officer.get("/en/office?view=late&number=QZ-26-0000042-7")

    assert answer.headers["location"] == f"{CASE_PAGE}?read=1"
    assert asked(peer, pb.ListCasesRequest).number == "QZ-26-0000042-7"


def test_a_number_with_a_slip_is_told_beside_the_field(officer: Visitor, peer: Peer) -> None:
    """With what to do about it."""
    peer.refuse[pb.ListCasesRequest] = InvalidError("no", field="number")

    answer = officer.get("/en/office?number=QZ-1")

    assert answer.status_code == 400
    assert "Compare its digits" in answer.text
    assert 'aria-describedby="number-error"' in answer.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Nothing to do"),
        ("?number=QZ-26-0000042-7", "No case with this number"),
        ("?service=x", "No case is like this"),
        ("?view=late", "This list is empty"),
    ],
)
def test_an_empty_list_says_what_to_do(
    officer: Visitor, peer: Peer, query: str, words: str
) -> None:
    """Each in its own words."""
    peer.answers[pb.ListCasesRequest] = pb.ListCasesResponse(next_page_token="")

    assert words in officer.get(f"/en/office{query}").text


def test_a_case_is_looked_at_without_its_words(officer: Visitor, peer: Peer) -> None:
    """Reading them is recorded, so it is a wish of its own."""
    page = officer.get(CASE_PAGE).text

    assert peer.asked_for(pb.GetCaseTextRequest) == []
    assert "Each reading is recorded" in page


def test_words_that_are_read_are_marked_and_recorded(officer: Visitor, peer: Peer) -> None:
    """By the call that cases writes down."""
    page = officer.get(f"{CASE_PAGE}?read=1").text

    assert "<mark>Паспорт</mark>" in page
    assert "That you read this is recorded" in page
    assert len(peer.asked_for(pb.GetCaseTextRequest)) == 1


def test_words_that_were_erased_are_told(officer: Visitor, peer: Peer) -> None:
    """The rest of the case is there."""
    peer.refuse[pb.GetCaseTextRequest] = NotFoundError("gone", reason="WORDS_ERASED")

    answer = officer.get(f"{CASE_PAGE}?read=1")

    assert answer.status_code == 200
    assert "nobody can read them again" in answer.text


def test_a_hostile_text_is_only_a_text(officer: Visitor, peer: Peer) -> None:
    """In the words, and in messages."""
    peer.answers[pb.GetCaseTextRequest] = pb.GetCaseTextResponse(
        text=HOSTILE, messages=[pb.CaseMessage(case_version=4, text=HOSTILE)]
    )

    page = officer.get(f"{CASE_PAGE}?read=1").text

    assert "<script>alert" not in page
    assert "&lt;script</mark>&gt;alert(1)" in page
    assert "<blockquote>&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page
    assert len(re.findall(r"<h1[ >]", page)) == 1


def test_no_code_stands_before_an_officer(officer: Visitor) -> None:
    """What machines call things is in fields nobody sees, or nowhere."""
    page = officer.get(f"{CASE_PAGE}?read=1").text
    seen = re.sub(r"<[^>]+>", " ", page.partition("<main")[2])

    for code in ("MIA", "NOT_COMPETENT", "GRANTED", "identity.passport", "akimat-75", "STATE_"):
        assert code not in seen


def test_why_it_is_here_is_told_in_words_and_per_cent(officer: Visitor) -> None:
    """The AI's choice, and what else it thought of."""
    page = officer.get(CASE_PAGE).text

    assert "almost certain, 92%" in page
    assert "Housing en: hardly, 5%" in page


@pytest.mark.parametrize(
    ("state", "forms"),
    [
        (pb.STATE_ROUTED, {"accept", "ask", "return", "split"}),
        (pb.STATE_ACCEPTED, {"complete", "ask", "return", "split"}),
        (pb.STATE_INFORMATION_REQUESTED, {"complete", "return", "split"}),
        (pb.STATE_COMPLETED, set()),
        (pb.STATE_WITHDRAWN, set()),
    ],
)
def test_only_what_is_possible_is_offered(
    officer: Visitor, peer: Peer, state: pb.State.ValueType, forms: set[str]
) -> None:
    """By where the case stands."""
    peer.answers[pb.GetCaseRequest] = changed(state)

    page = officer.get(CASE_PAGE).text

    assert set(re.findall(rf'action="{CASE_PAGE}/(\w+)"', page)) == forms


ANSWERS = [
    ("accept", {}, delivery_pb2.AcceptCaseRequest, {}),
    (
        "complete",
        {"outcome": "GRANTED"},
        delivery_pb2.CompleteCaseRequest,
        {"outcome_code": "GRANTED"},
    ),
    (
        "complete",
        {"outcome": "REFUSED", "text": "Мерзімі өткен."},
        delivery_pb2.CompleteCaseRequest,
        {"outcome_code": "REFUSED", "text": "Мерзімі өткен."},
    ),
    (
        "ask",
        {"question": "DETAILS_NEEDED", "text": "Қашан?"},
        delivery_pb2.AskCitizenRequest,
        {"question_code": "DETAILS_NEEDED", "text": "Қашан?"},
    ),
    (
        "return",
        {"reason": "NOT_COMPETENT", "meant": "service:housing.queue"},
        delivery_pb2.ReturnCaseRequest,
        {"reason_code": "NOT_COMPETENT", "suggested_service_id": "housing.queue"},
    ),
    (
        "return",
        {"reason": "OTHER", "meant": "office:akimat-75"},
        delivery_pb2.ReturnCaseRequest,
        {"reason_code": "OTHER", "suggested_office": "akimat-75"},
    ),
    (
        "split",
        {"text": "Бір бөлігі", "meant": ""},
        pb.SplitCaseRequest,
        {"text": "Бір бөлігі"},
    ),
]
VERBS = pytest.mark.parametrize(
    ("verb", "fields", "kind", "wanted"),
    ANSWERS,
    ids=[f"{a[0]}-{n}" for n, a in enumerate(ANSWERS)],
)


@VERBS
def test_an_answer_names_the_version_that_was_seen(  # noqa: PLR0917  a case of a table each
    officer: Visitor,
    peer: Peer,
    verb: str,
    fields: dict[str, str],
    kind: type[Message],
    wanted: dict[str, str],
) -> None:
    """The office, and itself, so that pressing twice does nothing twice; then the page says so."""
    if verb == "ask":
        peer.answers[pb.GetCaseRequest] = changed(pb.STATE_INFORMATION_REQUESTED)
    answer = officer.send(f"{CASE_PAGE}/{verb}", **SENT, **fields)

    assert asked(peer, kind) == kind(  # type: ignore[call-arg]
        case_id=CASE_ID, office="MIA", expected_version=3, request_id="0" * 32, **wanted
    )
    assert answer.status_code == 303
    assert 'role="status"' in officer.get(answer.headers["location"]).text


@VERBS
def test_who_comes_second_is_told_what_changed(  # noqa: PLR0917  a case of a table each
    officer: Visitor,
    peer: Peer,
    verb: str,
    fields: dict[str, str],
    kind: type[Message],
    wanted: dict[str, str],
) -> None:
    """By whom; the form is as it was sent, and the next press is about the case as it is."""
    peer.refuse[kind] = VersionConflictError("4")

    answer = officer.send(f"{CASE_PAGE}/{verb}", **SENT, **fields)

    assert answer.status_code == 409
    assert "The case changed while you were looking at it" in answer.text
    assert "Accepted by the office</strong>: an officer, Ministry en" in answer.text
    if verb in ("ask", "split"):
        assert fields["text"] in answer.text
    if verb in ("complete", "ask", "return", "split"):
        assert 'name="version" value="4"' in answer.text
        form = answer.text.partition(f'action="{CASE_PAGE}/{verb}">')[2].partition("</form>")[0]
        assert 'name="key"' in form
        assert "0" * 32 not in form


def test_a_state_that_forbids_it_is_told_too(officer: Visitor, peer: Peer) -> None:
    """Even where nothing is newer than what was seen."""
    peer.refuse[delivery_pb2.AcceptCaseRequest] = ConflictError("no")

    answer = officer.send(f"{CASE_PAGE}/accept", **{**SENT, "version": "4"})

    assert answer.status_code == 409
    assert "This is not possible now" in answer.text


@pytest.mark.parametrize(
    ("verb", "fields", "words"),
    [
        ("complete", {}, "Choose how it ended."),
        ("complete", {"outcome": "WHATEVER"}, "Choose how it ended."),
        ("complete", {"outcome": "REFUSED", "text": " "}, "Write why it is refused"),
        ("complete", {"outcome": "GRANTED", "text": "a" * 4001}, "This is too long"),
        ("ask", {"question": "DETAILS_NEEDED", "text": "  "}, "Write it in words first."),
        ("ask", {"question": "DETAILS_NEEDED", "text": "a" * 4001}, "This is too long"),
        ("ask", {"text": "Қашан?"}, "Choose what the question is about."),
        ("return", {}, "Choose one of the reasons."),
        ("split", {"text": ""}, "Write it in words first."),
    ],
)
def test_what_is_wanting_is_told_where_it_is_wanting(
    officer: Visitor, peer: Peer, verb: str, fields: dict[str, str], words: str
) -> None:
    """No service hears of it."""
    answer = officer.send(f"{CASE_PAGE}/{verb}", **SENT, **fields)

    assert answer.status_code == 400
    assert words in answer.text
    assert f'<details id="{verb}" open' in answer.text
    assert {type(one) for one in peer.asked} <= {
        pb.GetCaseRequest,
        pb.OpenCaseRequest,
        catalog_pb2.GetCatalogueRequest,
    }


@pytest.mark.parametrize(
    ("reason", "words"),
    [("TOO_MANY_PARTS", "cannot be split any further"), ("WORDS_ERASED", "so it cannot be split")],
)
def test_why_a_case_is_not_split_is_told(
    officer: Visitor, peer: Peer, reason: str, words: str
) -> None:
    """It is not about who was first."""
    peer.refuse[pb.SplitCaseRequest] = ConflictError("no", reason=reason)

    answer = officer.send(f"{CASE_PAGE}/split", **SENT, text="Бөлігі")

    assert answer.status_code == 400
    assert words in answer.text


def test_one_looks_for_what_is_meant_without_losing_what_was_typed(
    officer: Visitor, peer: Peer
) -> None:
    """The search is a button of the same form."""
    answer = officer.send(f"{CASE_PAGE}/split", **SENT, text="Бөлігі", find="пасп", look="1")

    assert asked(peer, catalog_pb2.ListServicesRequest).query == "пасп"
    assert peer.asked_for(pb.SplitCaseRequest) == []
    assert "Бөлігі" in answer.text
    assert 'value="service:identity.passport"' in answer.text


def test_offices_are_found_too(officer: Visitor, peer: Peer) -> None:
    """An agency's in a region, by words of either."""
    peer.answers[catalog_pb2.ListServicesRequest] = catalog_pb2.ListServicesResponse(
        catalogue_version="1"
    )

    answer = officer.send(f"{CASE_PAGE}/return", **SENT, find="akimat almaty", look="1")

    assert 'value="office:akimat-75"' in answer.text
    assert "Akimat en, Almaty en" in answer.text


def test_nothing_found_says_what_to_do(officer: Visitor, peer: Peer) -> None:
    """Not an empty space."""
    peer.answers[catalog_pb2.ListServicesRequest] = catalog_pb2.ListServicesResponse(
        catalogue_version="1"
    )

    answer = officer.send(f"{CASE_PAGE}/return", **SENT, find="zzz", look="1")

    assert "Nothing was found. Try fewer words" in answer.text


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (delivery_pb2.ReturnCaseRequest, VersionConflictError()),
        (pb.GetCaseRequest, NotFoundError("no", reason="CASE_NOT_FOUND")),
    ],
    ids=["changed", "gone"],
)
def test_another_language_of_a_refusal_keeps_what_was_typed(
    officer: Visitor, peer: Peer, refused: type[Message], error: Exception
) -> None:
    """It sends the same to where it was refused, and not to the page of the case."""
    peer.refuse[delivery_pb2.ReturnCaseRequest] = error
    peer.refuse[refused] = error

    page = officer.send(f"{CASE_PAGE}/return", **SENT, reason="OTHER", text="As I said").text

    form = page[page.index('class="languages"') : page.index("</form>")]
    assert f'formaction="/kk/office/cases/{CASE_ID}/return"' in form
    assert 'name="text" value="As I said"' in form


@pytest.mark.parametrize("path", [CASE_PAGE, f"{CASE_PAGE}?read=1"])
def test_another_offices_case_is_not_there(officer: Visitor, peer: Peer, path: str) -> None:
    """And the page says what to do next."""
    peer.refuse[pb.GetCaseRequest] = NotFoundError("no", reason="CASE_NOT_FOUND")

    answer = officer.get(path)

    assert answer.status_code == 404
    assert "This case is not with you" in answer.text
    assert 'href="/en/office"' in answer.text


def test_what_was_typed_is_shown_where_the_case_is_gone(officer: Visitor, peer: Peer) -> None:
    """A colleague may have returned it meanwhile."""
    gone = NotFoundError("no", reason="CASE_NOT_FOUND")
    peer.refuse |= {pb.GetCaseRequest: gone, delivery_pb2.AskCitizenRequest: gone}

    answer = officer.send(f"{CASE_PAGE}/ask", **SENT, question="DETAILS_NEEDED", text=HOSTILE)

    assert answer.status_code == 404
    assert "&lt;script&gt;" in answer.text
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("verb", ["accept", "complete", "ask", "return", "split"])
def test_a_form_from_elsewhere_changes_nothing(officer: Visitor, peer: Peer, verb: str) -> None:
    """Whatever it holds."""
    answer = officer.send(f"{CASE_PAGE}/{verb}", origin="https://elsewhere.example", **SENT)

    assert answer.status_code == 403
    assert peer.asked == []


@pytest.mark.parametrize("about", ["QZ-26-0000042-7", "<b>You owe us</b>", "call 8 700"])
def test_an_address_says_nothing_of_its_own(officer: Visitor, about: str) -> None:
    """What is said after an action is ours; only a number is taken from the address."""
    page = officer.get(f"/en/office?done=return&about={about}").text

    assert ("QZ-26-0000042-7</span>:" in page) == (about == "QZ-26-0000042-7")
    assert "You owe us" not in page
    assert "call 8 700" not in page
