"""Where a citizen may be told of each step: asked for on our own pages, and never demanded."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.app import build
from qyzmet.cases.v1 import cases_pb2 as cases
from qyzmet.catalog.v1 import catalog_pb2 as catalog
from qyzmet.routing.v1 import routing_pb2 as routing
from services.chassis.errors import InvalidError, UnavailableError
from services.chassis.outgoing import Notify
from services.chassis.testing import platform_in, running
from tests.unit.gateway.pages.conftest import Visitor, in_language
from tests.unit.gateway.peer import Peer, on_stage

TEXT = "I lost my passport"
ADDRESS = "aigul@mail.kz"
HOUSING = routing.SuggestedService(service_id="housing.queue", probability=0.9)
FIELD = 'name="contact"'
SENDS = re.compile(r'formaction="/../send" name="service" value="([^"]+)"')
BOTH = Notify(smtp_host="localhost", gateway_url="https://sms.example.kz")
MAIL = Notify(smtp_host="localhost")


@pytest.fixture
def notify() -> Notify:
    """Tell citizens by either way, unless a test says otherwise."""
    return BOTH


@pytest.fixture
def told(tmp_path: Path, notify: Notify) -> Iterator[tuple[Visitor, Peer]]:
    """Give a browser at a gateway whose operator named ways to citizens, and who answers it."""
    with (
        platform_in(tmp_path, notify=notify) as platform,
        on_stage(platform, Peer()) as peer,
        running(platform, build(platform)) as gateway,
        httpx.Client(base_url=f"http://{gateway.addresses['http']}") as client,
    ):
        yield Visitor(client), peer


@pytest.mark.parametrize("path", ["/", "/services/identity.passport"])
@pytest.mark.parametrize(
    ("language", "use"),
    [
        ("kk", "Тек осы өтініш туралы хабарлар үшін, басқа ештеңеге емес"),
        ("ru", "Только для сообщений об этом обращении и ни для чего больше"),
        ("en", "For messages about this request and nothing else"),
    ],
)
def test_a_contact_is_asked_for_with_what_it_is_used_for(
    told: tuple[Visitor, Peer], path: str, language: str, use: str
) -> None:
    """Wherever a request is sent from, in the language of the page."""
    page = told[0].get(f"/{language}{path}").text

    assert FIELD in page
    assert use in page


def test_nobody_is_asked_where_citizens_are_told_nothing(visitor: Visitor) -> None:
    """An address for messages that never come would be a promise that nobody keeps."""
    assert FIELD not in visitor.get("/en/").text
    assert FIELD not in visitor.get("/en/services/identity.passport").text


@pytest.mark.parametrize(("notify", "label"), [(MAIL, "E-mail"), (BOTH, "E-mail or phone")])
def test_it_is_asked_for_what_messages_can_go_to(told: tuple[Visitor, Peer], label: str) -> None:
    """No phone where there is no way to phones."""
    assert f">{label}</label>" in told[0].get("/en/").text


@pytest.mark.parametrize(
    ("language", "named"), [("kk", catalog.LANGUAGE_KK), ("en", catalog.LANGUAGE_EN)]
)
def test_a_contact_goes_with_the_request_in_the_language_of_the_page(
    told: tuple[Visitor, Peer], language: str, named: int
) -> None:
    """So that who reads English is not written to in Kazakh and Russian."""
    visitor, peer = told
    visitor.send(f"/{language}/send", text=TEXT, contact=f" {ADDRESS} ")

    (sent,) = peer.asked_for(cases.SubmitCaseRequest)
    assert (sent.contact, sent.language) == (ADDRESS, named)


def test_who_leaves_none_names_no_language(told: tuple[Visitor, Peer]) -> None:
    """Nobody writes to them, and what their text is in, the model sees."""
    visitor, peer = told
    visitor.send("/en/send", text=TEXT, contact="")

    (sent,) = peer.asked_for(cases.SubmitCaseRequest)
    assert (sent.contact, sent.language) == ("", catalog.LANGUAGE_UNSPECIFIED)


def test_a_search_keeps_the_contact(told: tuple[Visitor, Peer]) -> None:
    """Also into another language, and where the words were forgotten."""
    visitor, _ = told
    for text in (TEXT, ""):
        page = visitor.send("/en/", text=text, contact=ADDRESS).text

        form = page[page.index('class="languages"') : page.index("</form>")]
        assert f'name="contact" value="{ADDRESS}"' in form
        assert f'id="contact" name="contact" value="{ADDRESS}"' in page


@pytest.mark.parametrize("service", ["housing.queue", "person"])
def test_a_contact_that_is_none_is_said_so_and_nothing_is_lost(
    told: tuple[Visitor, Peer], service: str
) -> None:
    """The page comes back with the words, the region and what was found, to be sent anew."""
    visitor, peer = told
    peer.refuse[cases.SubmitCaseRequest] = InvalidError("none", field="contact")
    peer.answers[routing.SuggestRequest] = routing.SuggestResponse(suggestions=[HOUSING])

    answer = visitor.send("/en/send", text=TEXT, contact="a@", service=service, region="75")

    page = answer.text
    assert answer.status_code == 422
    assert "Messages cannot go there." in page
    assert 'aria-describedby="contact-use wrong-contact" aria-invalid="true"' in page
    assert f">{TEXT}</textarea>" in page
    assert 'name="contact" value="a@"' in page
    assert '<option value="75" selected>' in page
    assert 'value="housing.queue"' in page


def test_a_service_that_was_chosen_stays_the_first(told: tuple[Visitor, Peer]) -> None:
    """Sent from its own page with a contact that is none; in another language, too."""
    visitor, peer = told
    peer.refuse[cases.SubmitCaseRequest] = InvalidError("none", field="contact")
    peer.answers[routing.SuggestRequest] = routing.SuggestResponse(suggestions=[HOUSING])

    page = visitor.send("/en/send", text=TEXT, contact="a@", service="identity.passport").text

    offered = [SENDS.findall(one) for one in (page, in_language(visitor, page, "kk").text)]
    assert offered == [["identity.passport", "housing.queue", "person"]] * 2


@pytest.mark.parametrize("service", ["identity.passport", "person"])
def test_what_was_chosen_stays_where_the_search_is_away(
    told: tuple[Visitor, Peer], service: str
) -> None:
    """The one button that is left sends it there."""
    visitor, peer = told
    peer.refuse[cases.SubmitCaseRequest] = InvalidError("none", field="contact")
    peer.refuse[routing.SuggestRequest] = UnavailableError()

    page = visitor.send("/en/send", text=TEXT, contact="a@", service=service).text

    assert SENDS.findall(page) == [service]


def test_a_corrected_contact_is_another_request(told: tuple[Visitor, Peer]) -> None:
    """Whoever goes back and names another address is not told that the key was used."""
    visitor, peer = told
    for contact in (ADDRESS, ADDRESS, "berik@mail.kz"):
        visitor.send("/en/send", text=TEXT, key="k", contact=contact)

    first, second, third = (one.request_id for one in peer.asked_for(cases.SubmitCaseRequest))
    assert first == second != third
