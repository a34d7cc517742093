"""Signing in and out, at the local issuer."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.responses import Response

from gateway.pages import factory
from gateway.pages.cookies import Cookies, TokenTooLargeError
from gateway.pages.signin.providers import LocalProvider
from services.chassis.application import Platform
from services.chassis.demo import DEMO_PRINCIPALS
from services.chassis.principal import Role
from services.chassis.testing import settings_in
from tests.unit.gateway.pages.conftest import Visitor


def begin(visitor: Visitor, after: str = "/en/sign-in") -> dict[str, str]:
    """Begin to sign in, and return what the issuer is told."""
    answer = visitor.client.get("/en/sign-in/start", params={"next": after})
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    return {"state": told["state"][0], "challenge": told["code_challenge"][0]}


def choose(visitor: Visitor, who: str, told: dict[str, str]) -> httpx.Response:
    """Choose who to be, and come back from the issuer."""
    sent = visitor.send("/en/demo-sign-in", who=who, **told)
    return visitor.get(sent.headers["location"])


@pytest.mark.parametrize("who", list(DEMO_PRINCIPALS))
def test_one_signs_in_as_whom_one_chose(visitor: Visitor, who: str) -> None:
    """By an authorization code, and comes back to the page one came from."""
    back = choose(visitor, who, begin(visitor))

    assert (back.status_code, back.headers["location"]) == (303, "/en/sign-in")
    assert DEMO_PRINCIPALS[who].subject in visitor.get("/en/sign-in").text


def test_a_page_never_holds_the_token(visitor: Visitor) -> None:
    """It is sealed in a cookie that scripts cannot read."""
    back = choose(visitor, "citizen", begin(visitor))

    cookie = next(c for c in back.headers.get_list("set-cookie") if "session=" in c and c[-1])
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "eyJ" not in cookie + visitor.get("/en/sign-in").text


def test_a_state_that_is_not_ours_signs_nobody_in(visitor: Visitor) -> None:
    """Somebody else's code, sent to a browser that did not ask for it, is refused."""
    begin(visitor)
    answer = visitor.get("/sign-in/done?code=x&state=another")

    assert answer.status_code == 401
    assert "session" not in visitor.client.cookies


def test_a_code_is_for_whoever_asked_for_it(visitor: Visitor, address: str) -> None:
    """A code that was taken on its way is of no use without the verifier."""
    with httpx.Client(base_url=f"http://{address}") as other:
        stranger = Visitor(other)
        sent = stranger.send("/en/demo-sign-in", who="citizen", **begin(stranger))
    code = parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]
    state = begin(visitor)["state"]

    assert (
        visitor.client.get("/sign-in/done", params={"code": code, "state": state}).status_code
        == 401
    )


def test_nobody_is_signed_in_who_is_not_there(visitor: Visitor) -> None:
    """Only demo users are."""
    assert visitor.send("/en/demo-sign-in", who="nobody", **begin(visitor)).status_code == 401


@pytest.mark.parametrize(
    "after",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "/v1/cases"],
)
def test_signing_in_leads_to_our_own_pages_only(visitor: Visitor, after: str) -> None:
    """An address that somebody else wrote into a link is not followed."""
    assert choose(visitor, "citizen", begin(visitor, after)).headers["location"] == "/en/"


def test_signing_out_ends_the_session(visit_as: Callable[[Role], Visitor]) -> None:
    """The browser is told to drop it."""
    visitor = visit_as(Role.ANALYST)
    assert "You are signed in" in visitor.get("/en/sign-in").text
    visitor.send("/en/sign-out")

    assert "You are signed in" not in visitor.get("/en/sign-in").text


def test_a_mark_is_worth_nothing_after_signing_in(
    visitor: Visitor, visit_as: Callable[[Role], Visitor]
) -> None:
    """Forms of before are of another session."""
    before = visitor.mark()
    visit_as(Role.CITIZEN)

    assert visitor.client.post("/en/sign-out", data={"form": before}).status_code == 403


def test_a_session_that_was_changed_is_none(visitor: Visitor) -> None:
    """What is not our seal signs nobody in."""
    visitor.client.cookies.set("qyzmet-session", "nonsense")

    assert "You are signed in" not in visitor.get("/en/sign-in").text


def test_production_has_no_demo_users(tmp_path: Path, platform: Platform) -> None:
    """There somebody must name an issuer."""
    strict = settings_in(tmp_path, environment="production")

    assert isinstance(
        factory.build(platform.settings, platform.issuer, platform.bus).provider, LocalProvider
    )
    assert factory.build(strict, platform.issuer, platform.bus).provider is None


def test_cookies_of_production_are_of_this_host_and_of_tls_only(
    tmp_path: Path, platform: Platform
) -> None:
    """As their name has browsers make sure of."""
    strict = settings_in(tmp_path, environment="production")
    response = Response()
    token = platform.issuer.issue(DEMO_PRINCIPALS["citizen"], seconds=60)
    factory.build(strict, platform.issuer, platform.bus).cookies.keep_session(
        response, token, seconds=60
    )

    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-qyzmet-session=")
    assert all(f"; {part}" in cookie for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"))
    assert "Domain" not in cookie


def test_a_token_too_large_for_a_cookie_is_refused(cookies: Cookies) -> None:
    """Browsers would drop it without a word, and nobody would know why nobody is signed in."""
    with pytest.raises(TokenTooLargeError):
        cookies.keep_session(Response(), "a" * 4000, seconds=60)
