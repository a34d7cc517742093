"""Signing out where people sign in at an outside issuer, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Route

from gateway.app import build
from services.chassis.config import Oidc
from services.chassis.testing import platform_in, running
from tests.browser.conftest import Open
from tests.browser.people import WAYS, Visitor
from tests.unit.chassis.provider import Provider, provider


@pytest.fixture
def issuer() -> Iterator[Provider]:
    """Run an issuer that signs people out, too."""
    with provider() as started:
        started.discovered["end_session_endpoint"] = f"{started.issuer}/end-session"
        yield started


@pytest.fixture
def system(tmp_path: Path, issuer: Provider) -> Iterator[SimpleNamespace]:
    """Start the gateway alone, in place of the system of other tests: no service is asked."""
    oidc = Oidc(issuer=issuer.issuer, client_id="pages")
    with platform_in(tmp_path, oidc=oidc) as platform, running(platform, build(platform)) as door:
        yield SimpleNamespace(url=f"http://{door.addresses['http']}")


def sign_in(visitor: Visitor, issuer: Provider) -> None:
    """Sign in as the issuer lets people in: at once."""
    visitor.go(f"/sign-in/start?next=/{visitor.language}/sign-in")
    asked = dict(parse_qsl(urlsplit(visitor.page.url).query))
    told = urlencode({"code": issuer.give_code(asked), "state": asked["state"]})
    visitor.page.goto(f"{asked['redirect_uri']}?{told}")


def stay(route: Route) -> None:
    """Answer so that the browser stays where it is."""
    route.fulfill(status=204)


def test_the_page_on_the_way_out_is_for_everybody(opened: Open, issuer: Provider) -> None:
    """To eyes and to screen readers, light and dark, on every width, for as long as it is seen."""
    for language, scripts in WAYS:
        visitor = opened(language, scripts=scripts)
        visitor.page.route(f"{issuer.issuer}/end-session*", stay)
        sign_in(visitor, issuer)
        visitor.press("Sign out")
        assert visitor.heading == visitor.say("You are signed out of these pages")
        visitor.look("signed-out")
