"""Refusals as people see them."""

import pytest

from gateway.http.limits import Limits
from gateway.pages.told import BY_CODE, BY_STATUS
from services.chassis.application import Platform
from tests.unit.gateway.pages.conftest import Visitor
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
