"""The page that explains the API."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import httpx
import pytest

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Collects what a page is made of, and refuses tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag, its id and where it leads."""
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self._open.pop() == tag


@pytest.fixture
def answer(http: httpx.Client) -> httpx.Response:
    """Give the page as it is served."""
    return http.get("/docs")


@pytest.fixture
def page(answer: httpx.Response) -> Page:
    """Give what the page is made of."""
    return Page(answer.text)


def test_the_page_tells_every_route(http: httpx.Client, answer: httpx.Response) -> None:
    """Each path of the document stands on the page, with a request to copy."""
    paths = http.get("/openapi.json").json()["paths"]

    assert [path for path in paths if path not in answer.text] == []
    assert answer.text.count("curl -sS") >= len(paths)


def test_the_page_runs_nothing_and_loads_nothing(page: Page) -> None:
    """There is no script, and every link stays on this server."""
    assert "script" not in page.tags
    assert [link for link in page.links if not link.startswith(("#", "/"))] == []


def test_every_link_of_the_page_leads_somewhere(page: Page) -> None:
    """What a link names is on the page, once."""
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_policy_lets_only_our_style_in(answer: httpx.Response) -> None:
    """The hash in the policy is that of the style on the page."""
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)

    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def test_the_page_serves_readers_of_all_kinds(answer: httpx.Response, page: Page) -> None:
    """It names its language, has one heading, a way past the contents, and a dark form."""
    assert '<html lang="en">' in answer.text
    assert page.tags.count("h1") == 1
    assert "#main" in page.links
    assert "prefers-color-scheme:dark" in answer.text


def test_requests_to_copy_hold_their_words(answer: httpx.Response) -> None:
    """Kazakh and Russian stand there as people write them."""
    assert "Төлқұжатымды жоғалтып алдым" in answer.text
    assert "Потерял паспорт" in answer.text


def test_names_in_words_are_set_as_code(answer: httpx.Response) -> None:
    """What the document puts between backticks stands as code on the page."""
    assert "<code>Idempotency-Key</code>" in answer.text
    assert "`" not in answer.text
