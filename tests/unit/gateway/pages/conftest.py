"""A browser without a screen at the pages of the real gateway, signed in as anybody."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

import httpx
import pytest
from starlette.responses import Response

from gateway.pages.cookies import Cookies
from gateway.pages.factory import KEY_FILE
from gateway.pages.seals import Seals, new_key
from services.chassis.application import Platform
from services.chassis.keyfile import load_or_make
from services.chassis.principal import Principal, Role
from tests.unit.gateway.peer import Peer

MARK = re.compile(r'name="form" value="([^"]+)"')


def given_back(page: str) -> dict[str, str]:
    """Return the fields of the form that a refusal gives back, with what they hold."""
    main = page[page.index("<main") : page.index("</main>")]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', main)
    typed = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)<', main)
    return {name: unescape(value) for name, value in (*hidden, *typed)}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a browser: cookies are kept, redirects are not followed."""

    client: httpx.Client

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def send(self, path: str, origin: str = "", **fields: str) -> httpx.Response:
        """Send a form as a page of ours holds it."""
        mark = self.mark()
        headers = {"Origin": origin or str(self.client.base_url).rstrip("/")}
        return self.client.post(path, data={"form": mark, **fields}, headers=headers)

    def send_again(self, page: str) -> httpx.Response:
        """Press the button of the form that a refusal gives back."""
        main = page[page.index("<main") : page.index("</main>")]
        action = re.search(r'<form method="post" action="([^"]+)"', main)
        assert action
        assert "<button>" in main
        headers = {"Origin": str(self.client.base_url).rstrip("/")}
        return self.client.post(action.group(1), data=given_back(page), headers=headers)

    def mark(self) -> str:
        """Return the mark of a form on a page of ours."""
        found = MARK.search(self.get("/en/demo-sign-in").text)
        assert found
        return found.group(1)


def in_language(visitor: Visitor, page: str, language: str) -> httpx.Response:
    """Choose another language of a page, and come to where that leads."""
    link = re.search(rf'<a lang="{language}" hreflang="{language}" href="([^"]+)"', page)
    if link:
        return visitor.client.get(unescape(link.group(1)), follow_redirects=True)
    form = page[page.index('class="languages"') : page.index("</form>")]
    button = re.search(rf'<button [^>]*lang="{language}" formaction="([^"]+)"', form)
    assert button
    fields = given_back(f"<main{form}</main>")
    fields.pop("form")
    return visitor.send(unescape(button.group(1)), **fields)


@pytest.fixture
def visitor(address: str, peer: Peer) -> Iterator[Visitor]:
    """Give a browser in which nobody signed in."""
    with httpx.Client(base_url=f"http://{address}", timeout=30) as client:
        yield Visitor(client)


@pytest.fixture
def cookies(platform: Platform) -> Cookies:
    """Give what writes the gateway's cookies."""
    key = load_or_make(platform.settings.secrets_dir / KEY_FILE, new_key)
    return Cookies(Seals(key), is_strict=False)


@pytest.fixture
def visit_as(platform: Platform, cookies: Cookies, visitor: Visitor) -> Callable[[Role], Visitor]:
    """Sign the browser in as a role."""

    def sign_in(role: Role, *offices: str) -> Visitor:
        principal = Principal("somebody", role, offices=frozenset(offices))
        response = Response()
        token = platform.issuer.issue(principal, seconds=60)
        cookies.keep_session(response, token, seconds=60)
        visitor.client.cookies.extract_cookies(
            httpx.Response(
                200,
                headers={"set-cookie": response.headers["set-cookie"]},
                request=httpx.Request("GET", visitor.client.base_url),
            )
        )
        return visitor

    return sign_in
