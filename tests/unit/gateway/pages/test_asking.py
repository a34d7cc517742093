"""One box, what is found, and sending it."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import httpx
import pytest
import yaml
from google.protobuf.message import Message

from classifier.emergency import BUNDLED, find
from gateway.app import build
from gateway.pages.assets import Assets
from gateway.pages.register import Register
from qyzmet.cases.v1 import cases_pb2 as cases
from qyzmet.catalog.v1 import catalog_pb2 as catalog
from qyzmet.classifier.v1 import classifier_pb2 as classifier
from qyzmet.routing.v1 import routing_pb2 as routing
from services.chassis.application import Platform
from services.chassis.errors import DeadlineError, InvalidError, OverloadedError, UnavailableError
from services.chassis.masking import mask
from services.chassis.principal import Role
from services.chassis.testing import running
from tests.unit.gateway.pages.conftest import Visitor, given_back, in_language
from tests.unit.gateway.peer import CASE_ID, Peer

TEXT = "I lost my passport"
HOSTILE = "</textarea><script>alert(1)</script><img src=x onerror=alert(2)> \"'&{{ 7 * 7 }}"
PASSPORT = routing.SuggestedService(service_id="identity.passport", probability=0.9)
HOUSING = routing.SuggestedService(service_id="housing.queue", probability=0.1)


def suggested(*services: routing.SuggestedService, **more: object) -> routing.SuggestResponse:
    return routing.SuggestResponse(suggestions=services, **more)


async def away(_register: Register, _session: object) -> None:
    raise UnavailableError


def search(visitor: Visitor, text: str = TEXT, language: str = "en") -> httpx.Response:
    return visitor.send(f"/{language}/", text=text)


def test_the_first_page_has_one_box(visitor: Visitor, peer: Peer) -> None:
    """It asks nobody anything, and works by a press alone."""
    page = visitor.get("/en/").text

    assert page.count("<textarea") == 1
    assert '<form method="post" action="/en/"' in page
    assert peer.asked == []


def test_what_is_found_is_shown_with_what_one_needs_to_know(visitor: Visitor, peer: Peer) -> None:
    """A sentence, how it is reached, how long it takes, and what is needed."""
    peer.answers[routing.SuggestRequest] = suggested(PASSPORT, HOUSING)
    page = search(visitor).text

    assert page.index("Passport en") < page.index("Housing en")
    for words in ("To travel. en", "Online, from anywhere", "In person", "within 3 working days"):
        assert words in page
    assert "<li>photo</li>" in page
    assert re.search(r'<h3><a href="/en/services/identity\.passport">Passport en</a></h3>', page)


@pytest.mark.parametrize(("language", "title"), [("kk", "Passport kk"), ("ru", "Passport ru")])
def test_services_are_called_as_the_register_calls_them(
    visitor: Visitor, peer: Peer, language: str, title: str
) -> None:
    """In the language of the page, whatever that of the words is."""
    peer.answers[routing.SuggestRequest] = suggested(PASSPORT)

    assert title in search(visitor, language=language).text


def test_the_words_behind_it_are_marked(visitor: Visitor, peer: Peer) -> None:
    """And it says that an AI did it."""
    word = cases.ExplainedWord(start=10, end=18, weight=0.7)
    reason = cases.Explanation(service_id="identity.passport", words=[word])
    peer.answers[routing.SuggestRequest] = suggested(PASSPORT, explanation=reason)
    page = search(visitor).text

    assert "An AI sorted this, because of these words:" in page
    assert "I lost my <mark>passport</mark>" in page
    assert peer.asked_for(routing.SuggestRequest)[0].explain


def test_where_no_service_is_for_it_nothing_is_promised(visitor: Visitor, peer: Peer) -> None:
    """A person comes first, and what is merely the closest stands behind a press."""
    peer.answers[routing.SuggestRequest] = suggested(
        PASSPORT, HOUSING, outcome=cases.OUTCOME_OUT_OF_SCOPE
    )
    page = search(visitor).text

    assert "may be what you mean" not in page
    assert "No public service seems to be for this" in page
    assert page.index(">Ask a person</button>") < page.index("<summary>The closest services")
    assert page.index("<summary>The closest services") < page.index("Passport en")


def test_where_no_service_is_likely_the_page_says_so(visitor: Visitor, peer: Peer) -> None:
    """A person would decide; the closest services can be chosen all the same."""
    peer.answers[routing.SuggestRequest] = suggested(PASSPORT, outcome=cases.OUTCOME_TRIAGE)
    page = search(visitor).text

    assert "<h2>We are not sure. These services are the closest</h2>" in page
    assert "Passport en" in page


def test_a_service_that_was_chosen_is_not_doubted(visitor: Visitor, peer: Peer) -> None:
    """Where something else was wanting, what they chose stands first."""
    peer.refuse[cases.SubmitCaseRequest] = InvalidError(field="contact")
    peer.answers[routing.SuggestRequest] = suggested(outcome=cases.OUTCOME_OUT_OF_SCOPE)
    page = visitor.send("/en/send", text=TEXT, service="identity.passport", contact="x").text

    assert "No public service seems to be for this" not in page
    assert "Passport en" in page


@pytest.mark.parametrize("why", ["", "1"])
def test_why_is_told_while_typing_where_it_is_asked_for(
    visitor: Visitor, peer: Peer, why: str
) -> None:
    """It takes longer, so only who has stopped typing is told."""
    visitor.send("/en/suggestions", text=TEXT, why=why)

    assert peer.asked_for(routing.SuggestRequest)[0].explain == bool(why)


def test_whoever_hears_the_page_comes_to_what_was_found(visitor: Visitor) -> None:
    """After a press; before it nothing takes them from the box."""
    assert '<div id="found" tabindex="-1" autofocus>' in search(visitor).text
    assert '<div id="found" tabindex="-1">' in visitor.get("/en/").text


def test_whoever_hears_the_page_comes_to_what_is_wanting(visitor: Visitor) -> None:
    """The box has the focus where it was empty."""
    page = search(visitor, "").text

    assert re.search(r'<textarea id="text"[^>]* aria-invalid="true" autofocus', page)


def test_a_hostile_text_is_shown_as_text(visitor: Visitor, peer: Peer) -> None:
    """In the box, among marked words, and where another language is chosen."""
    word = cases.ExplainedWord(start=0, end=len(HOSTILE), weight=0.7)
    peer.answers[routing.SuggestRequest] = suggested(
        PASSPORT, explanation=cases.Explanation(words=[word])
    )
    page = search(visitor, HOSTILE).text

    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;/textarea&gt;" in page
    assert "{{ 7 * 7 }}" in page


def test_a_hostile_register_is_shown_as_text(visitor: Visitor, peer: Peer) -> None:
    """Nothing that comes from a service is taken for a page."""
    emergency = classifier.Emergency(code="FIRE", number="101", message="<b>Call</b>")
    peer.answers[routing.SuggestRequest] = suggested(emergency=emergency)

    assert "<b>Call</b>" not in search(visitor).text


def test_an_emergency_comes_first(visitor: Visitor, peer: Peer) -> None:
    """Whom to call stands above every service, as a number one can press."""
    emergency = classifier.Emergency(code="FIRE", number="101", message="Get out.")
    peer.answers[routing.SuggestRequest] = suggested(PASSPORT, emergency=emergency)
    page = search(visitor).text

    assert page.index('class="call" href="tel:101"') < page.index("Passport en")
    assert "Get out." in page


@pytest.fixture
def rules(platform: Platform) -> Iterator[str]:
    """Run a gateway with the rules of the product, and tell where."""
    known = replace(platform, recognise=partial(find, mask=mask))
    with running(known, build(known)) as gateway:
        yield gateway.addresses["http"]


@pytest.mark.parametrize("text", ["Дом горит", "Өрт шықты", "Газ пахнет", "Меня бьют"])
@pytest.mark.parametrize("path", ["/ru/suggestions", "/ru/"])
def test_an_emergency_is_told_whatever_is_away(
    rules: str, peer: Peer, text: str, path: str
) -> None:
    """While somebody types, be it two words, and after a press."""
    peer.fail = UnavailableError()
    with httpx.Client(base_url=f"http://{rules}") as client:
        page = Visitor(client).send(path, text=text).text

    assert 'class="call" href="tel:10' in page


@pytest.fixture
def hang(peer: Peer) -> Iterator[Callable[[type[Message]], None]]:
    """Have whoever is asked something say nothing for longer than anybody waits."""
    goes_on = threading.Event()

    def begin(kind: type[Message]) -> None:
        peer.wait_for = lambda: isinstance(peer.asked[-1], kind) and goes_on.wait(30)

    yield begin
    goes_on.set()


@pytest.mark.parametrize("path", ["/ru/suggestions", "/ru/"])
def test_an_emergency_is_told_whoever_hangs(
    rules: str, hang: Callable[[type[Message]], None], path: str
) -> None:
    """Long before the search would be given up."""
    hang(routing.SuggestRequest)
    with httpx.Client(base_url=f"http://{rules}", timeout=5) as client:
        page = Visitor(client).send(path, text="Пожар, горит квартира").text

    assert 'class="call" href="tel:101"' in page


@pytest.mark.parametrize("error", [UnavailableError(), OverloadedError(), DeadlineError()])
def test_an_emergency_is_told_where_the_words_cannot_be_sent(
    rules: str, peer: Peer, error: Exception
) -> None:
    """Before what happened, and with the words to send again."""
    peer.refuse[cases.SubmitCaseRequest] = error
    with httpx.Client(base_url=f"http://{rules}") as client:
        page = Visitor(client).send("/ru/send", text="Дом горит").text

    assert page.index('class="call" href="tel:101"') < page.index("<h1>")
    assert given_back(page)["text"] == "Дом горит"


def test_suggestions_are_asked_for_from_as_few_letters_as_speak_of_danger() -> None:
    """A single word may be all that somebody types."""
    script = Assets.bundled().find(Assets.bundled().address("pages.js").rpartition("/")[2])
    least = re.search(rb"LEAST = (\d+)", script.content if script else b"")
    groups = yaml.load(BUNDLED.read_text("utf-8"), Loader=yaml.BaseLoader)["words"].values()
    said = {word.rstrip("*") for words in groups for word in words}
    alone = [word for word in said if find(word, mask=mask)]

    assert least
    assert int(least.group(1)) <= min(map(len, alone))


def test_an_emergency_is_told_where_the_register_is_away(
    visitor: Visitor, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was answered already is not thrown away with it."""
    monkeypatch.setattr(Register, "current", away)
    emergency = classifier.Emergency(code="FIRE", number="101", message="Get out.")
    peer.answers[routing.SuggestRequest] = suggested(emergency=emergency)

    assert 'class="call" href="tel:101"' in search(visitor).text


def test_services_are_not_looked_for_by_a_few_letters(visitor: Visitor, peer: Peer) -> None:
    """While somebody types; a press looks for any."""
    assert visitor.send("/ru/suggestions", text="Паспорт").text.strip() == ""
    assert peer.asked_for(routing.SuggestRequest) == []
    search(visitor, "Паспорт")
    assert len(peer.asked_for(routing.SuggestRequest)) == 1


@pytest.mark.parametrize("text", ["", "   \n "])
def test_no_words_are_asked_for_again(visitor: Visitor, peer: Peer, text: str) -> None:
    """Beside the box, which says what is wrong with it."""
    answer = search(visitor, text)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Write in a few words what you need." in answer.text
    assert peer.asked == []


def test_words_that_are_too_many_are_kept_in_the_box(visitor: Visitor, peer: Peer) -> None:
    """Nobody loses what they wrote."""
    answer = search(visitor, "ә" * 4001)

    assert answer.status_code == 422
    assert "ә" * 4001 in answer.text
    assert peer.asked == []


def test_where_the_search_is_away_words_can_be_sent_all_the_same(
    visitor: Visitor, peer: Peer
) -> None:
    """Never a dead end."""
    peer.fail = UnavailableError()
    answer = search(visitor)

    assert answer.status_code == 200
    assert "The search is away for a moment" in answer.text
    assert 'formaction="/en/send"' in answer.text


def test_where_nothing_is_found_a_person_is_offered(visitor: Visitor, peer: Peer) -> None:
    """With other words as the other way."""
    peer.answers[routing.SuggestRequest] = suggested()
    page = search(visitor).text

    assert "We found no service for these words" in page
    assert 'value="person"' in page


def test_a_service_that_left_the_register_is_not_offered(visitor: Visitor, peer: Peer) -> None:
    """The model may know more than there is."""
    gone = routing.SuggestedService(service_id="gone", probability=0.9)
    peer.answers[routing.SuggestRequest] = suggested(gone, PASSPORT)
    page = search(visitor).text

    assert "1 service may be what you mean" in page
    assert "gone" not in page


@pytest.mark.parametrize(("service", "asked"), [(PASSPORT, False), (HOUSING, True)])
def test_the_region_is_asked_for_where_it_matters(
    visitor: Visitor, peer: Peer, service: routing.SuggestedService, asked: bool
) -> None:
    """That is, where a service is of an office in each region."""
    peer.answers[routing.SuggestRequest] = suggested(service)

    assert ("Almaty en" in search(visitor).text) is asked


def test_another_language_keeps_the_words(visitor: Visitor, peer: Peer) -> None:
    """Choosing it sends them along."""
    page = search(visitor).text

    form = page[page.index('class="languages"') : page.index("</form>")]
    assert f'name="text" value="{TEXT}"' in form
    assert 'formaction="/kk/"' in form


def test_another_language_keeps_the_region(visitor: Visitor, peer: Peer) -> None:
    """That was chosen before a search."""
    peer.answers[routing.SuggestRequest] = suggested(HOUSING)
    page = visitor.send("/en/", text=TEXT, region="75").text

    assert '<option value="75" selected>Almaty kk' in in_language(visitor, page, "kk").text


def test_while_typing_a_part_of_the_page_is_given(visitor: Visitor, peer: Peer) -> None:
    """Without why, which takes longer, and without the page around it."""
    peer.answers[routing.SuggestRequest] = suggested(PASSPORT)
    part = visitor.send("/ru/suggestions", text=TEXT).text

    assert "Passport ru" in part
    assert "<html" not in part
    assert not peer.asked_for(routing.SuggestRequest)[0].explain


def test_nothing_is_suggested_for_no_words(visitor: Visitor, peer: Peer) -> None:
    """The place for it is empty."""
    assert visitor.send("/ru/suggestions", text=" ").text.strip() == ""


def test_sending_gives_a_receipt(visitor: Visitor, peer: Peer) -> None:
    """The words go as they are; the page that comes may be reloaded."""
    answer = visitor.send("/en/send", text=TEXT, key="k", region="75")

    sent = peer.asked_for(cases.SubmitCaseRequest)[0]
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/en/cases/{CASE_ID}/receipt?sent=1",
    )
    assert (sent.text, sent.region) == (TEXT, "75")


def test_pressing_twice_sends_once(visitor: Visitor, peer: Peer) -> None:
    """Both are one request; other words from the same page are another."""
    for text in (TEXT, TEXT, "Something else"):
        visitor.send("/en/send", text=text, key="k")

    first, second, third = (one.request_id for one in peer.asked_for(cases.SubmitCaseRequest))
    assert first == second != third


def test_no_words_are_not_sent(visitor: Visitor, peer: Peer) -> None:
    """They are asked for again."""
    assert visitor.send("/en/send", text="").status_code == 422
    assert peer.asked == []


def test_an_emergency_in_what_was_sent_leads_the_receipt(visitor: Visitor, peer: Peer) -> None:
    """In the language of the page."""
    case = cases.Case(id=CASE_ID, emergency=classifier.Emergency(code="GAS", number="104"))
    peer.answers[cases.SubmitCaseRequest] = cases.SubmitCaseResponse(case=case)
    address = visitor.send("/ru/send", text=TEXT).headers["location"]

    page = visitor.get(address).text
    assert 'class="call" href="tel:104"' in page
    assert "Пахнет газом" in page


@pytest.mark.parametrize(
    ("chosen", "wish", "service", "ask_person"),
    [
        ("housing.queue", "I chose this service: Housing en", "housing.queue", False),
        ("person", "I want a person to choose the service.", "", True),
        ("", "", "", False),
    ],
)
def test_a_choice_goes_with_the_request(
    visitor: Visitor, peer: Peer, *, chosen: str, wish: str, service: str, ask_person: bool
) -> None:
    """For routing as a code, and in words for whoever decides on it; the page waits for nobody."""
    answer = visitor.send("/en/send", text=TEXT, service=chosen)

    (sent,) = peer.asked_for(cases.SubmitCaseRequest)
    assert (sent.wish, sent.service_id, sent.ask_person) == (wish, service, ask_person)
    assert answer.headers["location"].endswith("/receipt?sent=1")
    assert peer.asked[-1] == sent


def test_another_choice_after_going_back_is_another_request(visitor: Visitor, peer: Peer) -> None:
    """It is not taken for a repetition of the first, nor refused as one."""
    for chosen, region in (("person", ""), ("housing.queue", ""), ("housing.queue", "75")):
        visitor.send("/en/send", text=TEXT, key="k", service=chosen, region=region)

    names = [one.request_id for one in peer.asked_for(cases.SubmitCaseRequest)]
    assert len(set(names)) == 3


FIRE = cases.Case(id=CASE_ID, emergency=classifier.Emergency(code="FIRE", number="101"))


def test_what_fails_after_sending_costs_no_receipt(visitor: Visitor, peer: Peer) -> None:
    """The request is there, and whoever did not sign in finds it by its address alone."""
    peer.answers[cases.SubmitCaseRequest] = cases.SubmitCaseResponse(case=FIRE)
    peer.refuse[cases.GetCaseRequest] = UnavailableError()

    address = visitor.send("/en/send", text=TEXT, service="person").headers["location"]
    page = visitor.get(address).text

    assert "<h1>We have your request</h1>" in page
    assert f"{visitor.client.base_url}/en/cases/{CASE_ID}</a>" in page
    assert 'class="call" href="tel:101"' in page


def test_nobody_is_given_a_receipt_of_what_they_did_not_send(visitor: Visitor, peer: Peer) -> None:
    """Who comes later waits until the case can be looked at."""
    peer.refuse[cases.GetCaseRequest] = UnavailableError()

    assert visitor.get(f"/en/cases/{CASE_ID}/receipt").status_code == 503


def test_a_service_shows_what_it_does(visitor: Visitor, peer: Peer) -> None:
    """Its title, what is needed, who does it; and a box to ask for it."""
    service = catalog.Service(
        id="housing.queue",
        title=catalog.LocalizedText(en="Housing"),
        description=catalog.LocalizedText(en="A flat of the state."),
        evidence=catalog.LocalizedText(en="identity card; proof of income"),
        agency="AKIMAT",
    )
    peer.answers[catalog.GetServiceRequest] = catalog.GetServiceResponse(service=service)
    page = visitor.get("/en/services/housing.queue").text

    for words in ("<h1>Housing</h1>", "A flat of the state.", "proof of income", "Akimat en"):
        assert words in page
    assert '<option value="75">Almaty en</option>' in page
    assert re.search(r'name="service" value="housing.queue"', page)


def test_no_region_is_chosen_for_a_citizen(visitor: Visitor, peer: Peer) -> None:
    """A browser sends what stands first of a list that nobody touched: no akimat is that."""
    service = catalog.Service(id="housing.queue", agency="AKIMAT")
    peer.answers[catalog.GetServiceRequest] = catalog.GetServiceResponse(service=service)
    peer.answers[routing.SuggestRequest] = suggested(HOUSING)

    for page in (visitor.get("/en/services/housing.queue").text, search(visitor).text):
        assert re.findall(r'<option value="([^"]*)"', page)[0] == ""


@pytest.mark.parametrize(
    ("channel", "where", "is_shown"),
    [
        (catalog.CHANNEL_ONLINE, "https://egov.kz/a?b=1&c=2", True),
        (catalog.CHANNEL_IN_PERSON, "https://egov.kz/a?b=1&c=2", False),
        (catalog.CHANNEL_ONLINE, "", False),
    ],
)
def test_a_service_that_is_online_leads_to_its_portal(
    visitor: Visitor, peer: Peer, channel: catalog.Channel.ValueType, where: str, is_shown: bool
) -> None:
    """By its name; nothing of what was written goes along."""
    service = catalog.Service(
        id="identity.passport",
        title=catalog.LocalizedText(en="Passport"),
        agency="MIA",
        channel=channel,
        online_address=where,
    )
    peer.answers[catalog.GetServiceRequest] = catalog.GetServiceResponse(service=service)

    page = visitor.get("/en/services/identity.passport").text

    link = 'href="https://egov.kz/a?b=1&amp;c=2" rel="noreferrer">Go to egov.kz<'
    assert (link in page) == is_shown
    assert ("Go to" in page) == is_shown


def test_what_is_found_leads_to_its_portal_too(visitor: Visitor, peer: Peer) -> None:
    """Beside sending it from here."""
    peer.answers[routing.SuggestRequest] = suggested(PASSPORT)

    assert 'href="https://egov.kz" rel="noreferrer">Go to egov.kz<' in search(visitor).text


def test_an_officer_asks_nothing_as_a_citizen(visit_as: Callable[..., Visitor], peer: Peer) -> None:
    """They are told that the page is for somebody else, and how to change that."""
    answer = search(visit_as(Role.OFFICER, "MIA"))

    assert answer.status_code == 403
    assert 'href="/en/sign-in"' in answer.text
    assert peer.asked == []
