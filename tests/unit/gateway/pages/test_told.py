"""Refusals as people see them."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from urllib.parse import urlencode

import httpx
import pytest

from gateway.http.limits import Limits
from gateway.pages.told import BY_CODE, BY_STATUS
from qyzmet.cases.v1 import cases_pb2 as cases
from qyzmet.delivery.v1 import delivery_pb2 as delivery
from services.chassis.application import Platform
from services.chassis.errors import (
    ForbiddenError,
    IdempotencyKeyReusedError,
    UnavailableError,
    VersionConflictError,
)
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor, given_back
from tests.unit.gateway.peer import CASE_ID, Peer
from tests.unit.gateway.wire import connected, limited, read_all


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/kk/nowhere", "Бұл мекенжайда ештеңе жоқ"),
        ("/ru/nowhere/at/all", "По этому адресу ничего нет"),
        ("/en/nowhere", "There is nothing at this address"),
    ],
)
def test_an_address_without_a_page_says_so_in_its_language(
    visitor: Visitor, path: str, words: str
) -> None:
    """As a page, with the way to the first one."""
    answer = visitor.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert words in answer.text
    assert f'href="{path[:3]}/"' in answer.text


def test_a_refusal_outside_a_language_is_in_that_of_the_browser(visitor: Visitor) -> None:
    """Where the address does not say."""
    answer = visitor.get("/assets/none.css", **{"Accept-Language": "en"})

    assert "There is nothing at this address" in answer.text


def test_a_program_is_told_a_problem_as_ever(visitor: Visitor) -> None:
    """Pages change nothing for whoever calls the API."""
    answer = visitor.get("/v1/nowhere")

    assert answer.headers["content-type"] == "application/problem+json"


def test_a_method_that_is_not_there_is_told_as_a_page(visitor: Visitor) -> None:
    """With what HTTP wants to know."""
    answer = visitor.client.post("/en/sign-in")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert "<h1>" in answer.text


def test_a_form_that_is_too_large_is_told_as_a_page(visitor: Visitor) -> None:
    """Though it was never read."""
    answer = visitor.client.post("/en/sign-out", content=b"a" * 70_000)

    assert answer.status_code == 413
    assert "<h1>This is too long</h1>" in answer.text


@pytest.mark.parametrize(
    ("path", "size"),
    [("/en/steward/services/a.b", 200_000), ("/en/steward/services/a.b/x", 70_000)],
)
def test_the_longest_form_is_bounded_too(visitor: Visitor, path: str, size: int) -> None:
    """Only the forms of a service are so long, and they end as well."""
    assert visitor.client.post(path, content=b"a" * size).status_code == 413


def test_a_form_that_is_too_large_is_given_back(visitor: Visitor, peer: Peer) -> None:
    """To be said in fewer words."""
    page = visitor.send(ANSWER, text="слово " * 2_500, version="3").text

    assert given_back(page)["text"] == "слово " * 2_500
    assert "Say it below in fewer words" in page
    assert "Send it again</button>" in page


def test_a_crowd_is_told_as_a_page(platform: Platform) -> None:
    """When to come again is told to browsers too."""
    with limited(platform, Limits(requests=0)) as address, connected(address) as wire:
        wire.sendall(b"GET /ru/sign-in HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = read_all(wire).lower()

    assert answer.startswith(b"http/1.1 503 ")
    assert b"retry-after: " in answer
    assert b"text/html" in answer


def test_what_breaks_says_that_it_is_our_fault(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not what broke."""
    monkeypatch.setattr("gateway.pages.signin.routes.ROLES", None)
    answer = visitor.get("/en/sign-in")

    assert answer.status_code == 500
    assert "Something is broken on our side" in answer.text
    assert "NoneType" not in answer.text


def test_what_passes_by_itself_is_asked_again_by_a_press(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same address, with what was asked there; a form is not sent twice by a link."""
    asked = "/en/sign-in?next=%2Fen%2Fcases"
    again = f'href="{asked}">Try again</a>'
    assert again not in visitor.client.post("/en/sign-out", content=b"a" * 70_000).text

    monkeypatch.setattr("gateway.pages.signin.routes.ROLES", None)

    assert again in visitor.get(asked).text
    assert "Try again</a>" not in visitor.get("/en/nowhere").text


@pytest.mark.parametrize("words", [*BY_CODE.values(), *BY_STATUS.values()])
def test_a_refusal_says_what_happened_and_what_to_do(words: tuple[str, str]) -> None:
    """Two sentences; neither is empty, and neither is a code."""
    happened, next_step = words

    assert happened
    assert next_step.endswith(".")
    assert "_" not in happened + next_step


ANSWER = f"/en/cases/{CASE_ID}/answer"
WORDS = "My <b>long</b> answer"


def test_what_was_typed_is_given_back_and_can_be_sent_again(visitor: Visitor, peer: Peer) -> None:
    """With its name for repetition, so that it is done once; and as it was."""
    peer.refuse[cases.ProvideInformationRequest] = UnavailableError()
    page = visitor.send(ANSWER, text=WORDS, version="3", key="k").text
    peer.refuse.clear()

    assert "<b>" not in page
    assert visitor.send_again(page).status_code == 303
    first, *_, last = peer.asked_for(cases.ProvideInformationRequest)
    assert first == last
    assert first.text == WORDS


def test_what_cannot_be_sent_again_is_shown(visitor: Visitor, peer: Peer) -> None:
    """The case moved on: they look at it on a page beside, with their words at hand."""
    peer.refuse[cases.ProvideInformationRequest] = VersionConflictError()
    page = visitor.send(ANSWER, text="Yes", version="3").text

    assert given_back(page)["text"] == "Yes"
    assert "Send it again</button>" not in page
    assert f'href="/en/cases/{CASE_ID}" target="_blank"' in page


def test_another_name_is_given_where_the_first_is_taken(visitor: Visitor, peer: Peer) -> None:
    """Else it would be refused for ever."""
    peer.refuse[cases.ProvideInformationRequest] = IdempotencyKeyReusedError()
    page = visitor.send(ANSWER, text=WORDS, key="k").text

    assert given_back(page)["key"] != "k"


@pytest.mark.parametrize(
    ("path", "role"),
    [("/en/send", Role.CITIZEN), (f"/en/office/cases/{CASE_ID}/ask", Role.OFFICER)],
)
def test_what_was_typed_outlives_the_session(
    visitor: Visitor, visit_as: Callable[..., Visitor], path: str, role: Role
) -> None:
    """Whoever signs in again on another page sends it from this one."""
    sent = {"text": WORDS, "question": "DOCUMENT_MISSING", "form": "of a session that is over"}
    refused = visitor.send(path, **sent)
    assert refused.status_code == 403
    visit_as(role, "MIA")

    renewed = visitor.send_again(refused.text)

    assert given_back(renewed.text)["text"] == WORDS
    assert visitor.send_again(renewed.text).status_code == 303


def test_one_thing_stands_out_on_a_refusal(visitor: Visitor, peer: Peer) -> None:
    """To send it again where that is enough; to sign in where nothing else helps."""
    sign_in = re.compile(r'<a class="button( other)?" href="/en/sign-in"')
    too_old = visitor.send("/en/send", text=WORDS, form="of yesterday").text
    peer.refuse[cases.ProvideInformationRequest] = ForbiddenError("not theirs")
    not_theirs = visitor.send(ANSWER, text=WORDS, version="3").text

    assert sign_in.findall(too_old) == [" other"]
    assert sign_in.findall(not_theirs) == [""]


def test_an_officer_loses_nothing_either(visit_as: Callable[..., Visitor], peer: Peer) -> None:
    """Where delivery is away when they send their question."""
    visitor = visit_as(Role.OFFICER, "MIA")
    peer.refuse[delivery.AskCitizenRequest] = UnavailableError()
    page = visitor.send(
        f"/en/office/cases/{CASE_ID}/ask", text=WORDS, question="DOCUMENT_MISSING"
    ).text
    peer.refuse.clear()

    assert visitor.send_again(page).status_code == 303
    assert peer.asked_for(delivery.AskCitizenRequest)[-1].text == WORDS


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_site_is_not_given_back(
    visitor: Visitor, headers: dict[str, str]
) -> None:
    """Our mark on it would make it ours, by one press of somebody who was led here."""
    answer = visitor.client.post("/en/send", data={"text": WORDS}, headers=headers)

    assert answer.status_code == 403
    assert "My" not in answer.text


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_refusal_leads_to_itself_in_another_language(visitor: Visitor, language: str) -> None:
    """The same address, with what was asked there."""
    page = visitor.get("/en/nowhere?a=1&b=2").text

    assert f'href="/{language}/nowhere?a=1&amp;b=2"' in page


def in_russian(visitor: Visitor, page: str) -> str:
    """Press the button of another language on a page that gives a form back."""
    form = page[page.index('class="languages"') : page.index("</form>")]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    action = re.search(r'formaction="(/ru/[^"]+)"', form)
    assert action
    sent = {name: unescape(value) for name, value in fields}
    headers = {"Origin": str(visitor.client.base_url).rstrip("/")}
    return visitor.client.post(unescape(action[1]), data=sent, headers=headers).text


def test_what_is_given_back_goes_along_to_another_language(visitor: Visitor, peer: Peer) -> None:
    """Nothing is sent by that; the press that sends it sends it once, as it was."""
    peer.refuse[cases.ProvideInformationRequest] = UnavailableError()
    page = visitor.send(ANSWER, text=WORDS, version="3", key="k").text
    peer.forget()

    told = in_russian(visitor, page)

    assert "Часть системы сейчас недоступна" in told
    assert peer.asked_for(cases.ProvideInformationRequest) == []
    assert visitor.send_again(told).headers["location"].startswith(f"/ru/cases/{CASE_ID}?")
    (sent,) = peer.asked_for(cases.ProvideInformationRequest)
    assert (sent.text, sent.request_id, sent.expected_version) == (WORDS, "k", 3)


def test_another_site_is_told_nothing_in_another_language_either(visitor: Visitor) -> None:
    """It gets none of our marks for a form that it made."""
    headers = {"Origin": "https://elsewhere.example"}
    address = "/en/send?told=503.UNAVAILABLE"
    answer = visitor.client.post(address, data={"text": WORDS}, headers=headers)

    assert "A part of the system is away" in answer.text
    assert "My" not in answer.text


@pytest.mark.parametrize(("role", "words"), [(Role.CITIZEN, "Signed in"), (None, "Sign in")])
def test_a_refusal_knows_who_signed_in(
    visitor: Visitor, visit_as: Callable[..., Visitor], role: Role | None, words: str
) -> None:
    """Nobody signs in twice."""
    page = (visit_as(role) if role else visitor).get("/en/nowhere").text

    assert f'<a href="/en/sign-in">{words}</a>' in page


def test_a_crowd_keeps_what_was_typed(platform: Platform) -> None:
    """Though nobody had read it when it was refused."""
    with limited(platform, Limits(requests=0)) as address, httpx.Client() as client:
        headers = {"Origin": f"http://{address}"}
        answer = client.post(f"http://{address}/en/send", data={"text": WORDS}, headers=headers)

    assert answer.status_code == 503
    assert given_back(answer.text)["text"] == WORDS


@contextmanager
def slowly_sent(platform: Platform, length: int) -> Iterator[socket.socket]:
    """Begin to send a form of so many bytes to a gateway that waits for none."""
    with limited(platform, Limits(body_seconds=0)) as address, connected(address) as wire:
        head = f"POST /en/send HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nContent-Length: {length}"
        wire.sendall(f"{head}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert wire.recv(1024).startswith(b"HTTP/1.1 100 ")
        yield wire


def test_a_form_that_came_too_slowly_is_sent_again_by_a_press(platform: Platform) -> None:
    """It is no fault of ours, nothing was sent, and nothing that was typed is lost."""
    form = urlencode({"text": WORDS, "service": "person"}).encode()
    with slowly_sent(platform, len(form)) as wire:
        wire.sendall(form)
        page = read_all(wire).decode()

    assert page.startswith("HTTP/1.1 408 ")
    assert "The line is slow" in page
    assert given_back(page).items() >= {"text": WORDS, "service": "person"}.items()
    assert "Send it again</button>" in page


def test_what_came_of_a_form_is_shown_to_be_copied(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of it is not sent as if it were all: what was chosen may be in the rest."""
    monkeypatch.setattr("gateway.pages.again.REST_SECONDS", 0.5)
    form = urlencode({"text": "Паспорт", "service": "person"}).encode()
    with slowly_sent(platform, len(form)) as wire:
        wire.sendall(form[: len(b"text=") + 6 * 6 + 4])
        page = read_all(wire).decode()

    assert given_back(page)["text"] == "Паспор"
    assert "copy it, and send it anew" in page
    assert "Send it again</button>" not in page
