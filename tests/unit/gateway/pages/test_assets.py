"""Styles and scripts."""

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from gateway.pages.assets import Assets
from tests.unit.gateway.pages.conftest import Visitor

PAGES = Path(__file__).parents[4] / "gateway" / "pages"
VENDORED = PAGES / "vendored"
LISTED = tomllib.loads((VENDORED / "vendored.toml").read_text("utf-8"))
FIRST_VISIT_BYTES = 60 * 1024
FIRST_VISIT_REQUESTS = 6
LOADED = re.compile(r'(?:<link[^>]* href|src)="([^"]+)"')
"""What a browser asks for by itself once it has a page."""
ABSOLUTE = re.compile(r"""(?:https?:)?//(?!www\.w3\.org/)[\w.-]+""")


def test_what_others_wrote_is_listed() -> None:
    """Each file of theirs stands in the list, with its licence's words beside it, and no other."""
    files = {file.name for file in VENDORED.iterdir()} - {"vendored.toml"}

    assert files == set(LISTED) | {told["text"] for told in LISTED.values()}


def test_what_others_wrote_is_what_it_was() -> None:
    """The SHA-256 in the list is that of the file."""
    for name, told in LISTED.items():
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == told["sha256"], name


@pytest.mark.parametrize(("name", "most"), [("style.css", 12 * 1024), ("pages.js", 7 * 1024)])
def test_what_every_page_loads_is_small(name: str, most: int) -> None:
    """Somebody may come on a slow line."""
    assert (PAGES / "assets" / name).stat().st_size < most


def test_nothing_is_loaded_from_elsewhere() -> None:
    """No style, script or template names another site."""
    own = [*(PAGES / "assets").iterdir(), *(PAGES / "templates").rglob("*.html")]
    named = {file.name: ABSOLUTE.findall(file.read_text("utf-8")) for file in own}

    assert {name: found for name, found in named.items() if found} == {}


def test_no_template_says_what_the_policy_would_refuse() -> None:
    """Neither styles nor scripts stand in a page, nor names of handlers."""
    inline = re.compile(r"<style|<script(?! src=)|\sstyle=|\son\w+=|javascript:")
    own = (PAGES / "templates").rglob("*.html")

    assert [file.name for file in own if inline.search(file.read_text("utf-8"))] == []


def test_a_file_is_kept_for_ever_under_a_name_that_tells_its_content(visitor: Visitor) -> None:
    """A changed file has another address, so that no browser need ask again."""
    address = Assets.bundled().address("style.css")
    answer = visitor.get(address)

    digest = hashlib.sha256((PAGES / "assets" / "style.css").read_bytes()).hexdigest()
    assert address == f"/assets/style.{digest[:12]}.css"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")


def test_a_file_comes_compressed_where_the_browser_takes_it_so(visitor: Visitor) -> None:
    """And as it is where it does not."""
    address = Assets.bundled().address("style.css")
    with visitor.client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())

    plain = visitor.get(address, **{"Accept-Encoding": "identity"})
    assert gzip.decompress(packed) == plain.content
    assert len(packed) < len(plain.content)


@pytest.mark.parametrize("name", ["style.css", "..%2fvisit.py", "vendored.toml", "style.0.css"])
def test_nothing_else_is_served(visitor: Visitor, name: str) -> None:
    """Only what stands in the list of files, by its own address."""
    assert visitor.get(f"/assets/{name}").status_code == 404


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_first_visit_is_small(visitor: Visitor, language: str) -> None:
    """The page with all that it loads, heads and all, as it goes over the wire."""

    def sent(path: str) -> int:
        with visitor.client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200
            head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
            return head + sum(map(len, answer.iter_raw()))

    loaded = set(LOADED.findall(visitor.get(f"/{language}/").text))
    assert len(loaded) >= 3
    assert 1 + len(loaded) <= FIRST_VISIT_REQUESTS
    assert sum(map(sent, (f"/{language}/", *loaded))) <= FIRST_VISIT_BYTES


def test_no_style_loads_more() -> None:
    """Else a first visit would be larger than what stands in its page."""
    styles = (PAGES / "assets").glob("*.css")

    assert [one.name for one in styles if re.search(r"url\(|@import", one.read_text("utf-8"))] == []
