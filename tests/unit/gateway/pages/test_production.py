"""Pages in production, where nobody is anonymous."""

from collections.abc import Iterator

import httpx
import pytest

from gateway.app import build
from services.chassis.application import Platform
from services.chassis.testing import platform_in, running
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE_ID, Peer


@pytest.fixture(scope="module")
def strict(
    tmp_path_factory: pytest.TempPathFactory, platform: Platform, stage: Peer
) -> Iterator[str]:
    """Run a gateway of production before the same peer, and tell where."""
    folder = tmp_path_factory.mktemp("production")
    with platform_in(folder, environment="production") as made:
        made.addresses.update({name: platform.addresses[name] for name in made.addresses})
        with running(made, build(made)) as gateway:
            yield gateway.addresses["http"]


@pytest.fixture
def visitor(strict: str, peer: Peer) -> Iterator[Visitor]:
    """Give a browser in which nobody signed in."""
    with httpx.Client(base_url=f"http://{strict}") as client:
        yield Visitor(client)


def test_the_first_page_asks_one_to_sign_in(visitor: Visitor, peer: Peer) -> None:
    """Before one writes what would be refused."""
    page = visitor.get("/en/")

    assert page.status_code == 200
    assert 'href="/en/sign-in?next=%2Fen%2F"' in page.text
    assert "<textarea" not in page.text
    assert peer.asked == []


@pytest.mark.parametrize("path", ["/ru/cases", f"/ru/cases/{CASE_ID}", "/ru/services/x?a=b"])
def test_other_pages_lead_to_signing_in_and_back(visitor: Visitor, peer: Peer, path: str) -> None:
    """Whoever follows an old address finds what it is of."""
    answer = visitor.get(path)

    next_ = path.replace("/", "%2F").replace("?", "%3F").replace("=", "%3D")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/ru/sign-in?next={next_}",
    )
    assert peer.asked == []


def test_what_is_sent_without_signing_in_is_refused_as_a_page(visitor: Visitor, peer: Peer) -> None:
    """With the way to sign in."""
    answer = visitor.client.post("/en/send", data={"text": "passport"})

    assert answer.status_code == 401
    assert 'href="/en/sign-in"' in answer.text
    assert peer.asked == []


def test_cookies_are_of_this_host_and_of_tls_only(visitor: Visitor) -> None:
    """The first page sets one."""
    cookie = visitor.get("/en/").headers["set-cookie"]

    assert cookie.startswith("__Host-qyzmet-browser=")
    assert "Secure" in cookie


def test_nobody_chooses_who_to_be(visitor: Visitor) -> None:
    """And the page of signing in says what is wanting, as long as no issuer is named."""
    assert visitor.get("/en/demo-sign-in").status_code == 404
    assert visitor.get("/en/sign-in/start").status_code == 401
    assert "Signing in is not set up here yet" in visitor.get("/en/sign-in").text
