"""Signing in at an outside issuer."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from gateway.app import build
from gateway.pages.signin.providers import Attempt, OutsideProvider, SignInError
from services.chassis.config import Oidc
from services.chassis.jwks import IssuerAwayError
from services.chassis.testing import platform_in, running
from tests.unit.chassis.provider import DISCOVERY, Provider, provider
from tests.unit.gateway.pages.conftest import MARK, Visitor

HERE = "https://qyzmet.example.kz"
ATTEMPT = Attempt.begin(f"{HERE}/sign-in/done")


@pytest.fixture
def issuer() -> Iterator[Provider]:
    with provider() as started:
        yield started


@pytest.fixture
def outside(issuer: Provider) -> OutsideProvider:
    return OutsideProvider.of(Oidc(issuer=issuer.issuer, client_id="pages", fetch_seconds=2))


@pytest.fixture
def visitor(tmp_path: Path, issuer: Provider) -> Iterator[Visitor]:
    """Give a browser at pages that sign people in at the issuer."""
    oidc = Oidc(issuer=issuer.issuer, client_id="pages", fetch_seconds=2)
    with platform_in(tmp_path, oidc=oidc, public_url=HERE) as platform:
        gateway = build(platform)
        with (
            running(platform, gateway),
            httpx.Client(base_url=f"http://{gateway.addresses['http']}") as client,
        ):
            yield Visitor(client)


def asked(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def test_somebody_is_sent_to_the_issuer_with_a_challenge(
    issuer: Provider, outside: OutsideProvider
) -> None:
    """By its discovery document, to come back to the address that is registered there."""
    address = outside.address(ATTEMPT, "kk")

    told = asked(address)
    assert address.startswith(f"{issuer.issuer}/authorize?")
    assert (told["client_id"], told["redirect_uri"]) == ("pages", f"{HERE}/sign-in/done")
    assert (told["response_type"], told["code_challenge_method"]) == ("code", "S256")
    assert ATTEMPT.verifier not in address


def test_a_code_is_exchanged_for_a_token(issuer: Provider, outside: OutsideProvider) -> None:
    """With the verifier that only we know."""
    code = issuer.give_code(asked(outside.address(ATTEMPT, "ru")))

    assert outside.token(ATTEMPT, code).count(".") == 2


def test_a_code_of_another_attempt_is_refused(issuer: Provider, outside: OutsideProvider) -> None:
    """The issuer holds it against the challenge."""
    code = issuer.give_code(asked(outside.address(ATTEMPT, "ru")))

    with pytest.raises(SignInError):
        outside.token(Attempt.begin(ATTEMPT.back), code)


def test_an_issuer_that_is_away_is_told_as_such(issuer: Provider, outside: OutsideProvider) -> None:
    """It may be back soon."""
    issuer.is_away = True

    with pytest.raises(IssuerAwayError):
        outside.address(ATTEMPT, "ru")


def test_the_document_of_the_issuer_is_read_once(
    issuer: Provider, outside: OutsideProvider
) -> None:
    """Not at each step of each person who signs in."""
    outside.token(ATTEMPT, issuer.give_code(asked(outside.address(ATTEMPT, "kk"))))
    outside.address(ATTEMPT, "ru")

    assert issuer.asked == [DISCOVERY]


@pytest.mark.parametrize("place", [None, 7, "javascript:alert(1)"])
def test_a_document_that_leads_nowhere_is_not_followed(
    issuer: Provider, outside: OutsideProvider, place: Any
) -> None:
    """Whatever stands in it."""
    issuer.discovered["authorization_endpoint"] = place

    with pytest.raises(IssuerAwayError):
        outside.address(ATTEMPT, "ru")


def test_one_signs_in_at_the_issuer(issuer: Provider, visitor: Visitor) -> None:
    """The whole way: there, back, and known by name."""
    sent = visitor.get("/en/sign-in/start?next=/en/sign-in").headers["location"]
    told = asked(sent)
    code = issuer.give_code(told)
    back = visitor.client.get("/sign-in/done", params={"code": code, "state": told["state"]})

    assert back.headers["location"] == "/en/sign-in"
    assert "aigul" in visitor.get("/en/sign-in").text


def test_a_token_that_names_nobody_signs_nobody_in(issuer: Provider, visitor: Visitor) -> None:
    """It is proved as every token is, before there is a session."""
    issuer.signed_in_as = {"role": "king"}
    told = asked(visitor.get("/en/sign-in/start").headers["location"])
    code = issuer.give_code(told)
    back = visitor.client.get(
        "/sign-in/done",
        params={"code": code, "state": told["state"]},
        headers={"Accept-Language": "en"},
    )

    assert "We do not know what you may do here" in back.text
    assert "session" not in back.headers.get("set-cookie", "")
    assert "You are signed in" not in visitor.get("/en/sign-in").text


def test_an_issuer_that_is_away_is_told_as_a_page(issuer: Provider, visitor: Visitor) -> None:
    """With what to do."""
    issuer.is_away = True
    answer = visitor.get("/en/sign-in/start")

    assert answer.status_code == 503
    assert "Try again in a minute" in answer.text


@pytest.mark.parametrize(("origin", "status"), [(HERE, 303), ("https://elsewhere.kz", 403)])
def test_a_form_from_where_people_find_the_pages_is_ours(
    visitor: Visitor, origin: str, status: int
) -> None:
    """Whatever a proxy between says of the host."""
    mark = re.search(r'name="form" value="([^"]+)"', visitor.get("/en/").text)
    assert mark
    answer = visitor.client.post(
        "/en/sign-out", data={"form": mark.group(1)}, headers={"Origin": origin}
    )

    assert answer.status_code == status


def sign_out(visitor: Visitor, language: str = "en") -> httpx.Response:
    """Press the button of the page of signing in, or send its form where nobody is."""
    mark = MARK.search(visitor.get("/en/sign-in").text) or MARK.search(visitor.get("/en/").text)
    assert mark
    return visitor.client.post(
        f"/{language}/sign-out", data={"form": mark.group(1)}, headers={"Origin": HERE}
    )


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_one_signs_out_at_the_issuer_too(issuer: Provider, visitor: Visitor, language: str) -> None:
    """Else the next person at this computer would be signed in there as they were."""
    issuer.discovered["end_session_endpoint"] = f"{issuer.issuer}/end-session?theme=state"
    told = asked(visitor.get("/en/sign-in/start").headers["location"])
    code = issuer.give_code(told)
    visitor.client.get("/sign-in/done", params={"code": code, "state": told["state"]})

    answer = sign_out(visitor, language)

    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert found
    address = unescape(found.group(1))
    assert address.startswith(f"{issuer.issuer}/end-session?theme=state&")
    assert f'href="{found.group(1)}"' in answer.text
    assert asked(address).items() >= {
        ("client_id", "pages"),
        ("post_logout_redirect_uri", f"{HERE}/sign-in/left"),
        ("state", language),
    }
    assert "aigul" not in answer.text + visitor.get("/en/sign-in").text


@pytest.mark.parametrize("place", [None, 7, "javascript:alert(1)"])
def test_signing_out_ends_here_where_the_issuer_has_no_place_for_it(
    issuer: Provider, visitor: Visitor, place: Any
) -> None:
    """The session with us ends all the same."""
    issuer.discovered["end_session_endpoint"] = place

    assert sign_out(visitor).headers["location"] == "/en/sign-in"


def test_signing_out_does_not_wait_for_an_issuer_that_is_away(
    issuer: Provider, visitor: Visitor
) -> None:
    """It ends the session with us."""
    issuer.is_away = True

    assert sign_out(visitor).headers["location"] == "/en/sign-in"


@pytest.mark.parametrize(
    ("state", "page"),
    [("kk", "/kk/sign-in"), ("en", "/en/sign-in"), ("//elsewhere.kz", "/kk/sign-in")],
)
def test_one_comes_back_from_the_issuer_to_our_own_page(
    visitor: Visitor, state: str, page: str
) -> None:
    """In the language in which one left."""
    answer = visitor.client.get("/sign-in/left", params={"state": state})

    assert answer.headers["location"] == page


@pytest.mark.parametrize("path", ["/en/demo-sign-in", "/kk/demo-sign-in?state=x"])
def test_where_there_is_an_issuer_nobody_chooses_who_to_be(visitor: Visitor, path: str) -> None:
    """The page of demo users is not there."""
    assert visitor.get(path).status_code == 404
