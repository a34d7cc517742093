"""Parts of pages that are made once."""

from typing import Any

import pytest

from gateway.pages.assets import Assets
from gateway.pages.render import MOST_KEPT, Renderer
from qyzmet.catalog.v1 import catalog_pb2 as pb

CARD = "citizen/card.html"


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(Assets.bundled(), "Asia/Almaty")


def shown(title: str) -> dict[str, Any]:
    """Return what a card shows of a service."""
    words = pb.LocalizedText(kk=f"{title} kk", ru=f"{title} ru", en=f"{title} en")
    return {"service": pb.Service(id="identity.passport", title=words), "pb": pb}


def test_a_kept_part_is_what_the_template_makes_of_it(renderer: Renderer) -> None:
    """The first time and the next."""
    made = renderer.render("ru", CARD, shown("Passport"))
    kept = [renderer.kept("ru", CARD, "same", **shown("Passport")) for _ in range(2)]

    assert kept == [made, made]


def test_a_kept_part_is_made_anew_for_another_key(renderer: Renderer) -> None:
    """A register that changed has another version."""
    renderer.kept("ru", CARD, ("1", "identity.passport"), **shown("Before"))

    after = renderer.kept("ru", CARD, ("2", "identity.passport"), **shown("After"))
    assert "After ru" in after
    assert "Before" not in after


def test_a_kept_part_is_of_one_language(renderer: Renderer) -> None:
    """Whoever asked first."""
    found = [
        renderer.kept(language, CARD, "languages", **shown("Passport"))
        for language in ("kk", "ru", "en")
    ]

    for part, language in zip(found, ("kk", "ru", "en"), strict=True):
        assert f"Passport {language}" in part
        assert f'href="/{language}/services/' in part


def test_a_kept_part_is_escaped_once(renderer: Renderer) -> None:
    """What a register says is text, also where it is put into a page as it is."""
    part = renderer.kept("ru", CARD, "hostile", **shown("<script>alert(1)</script>"))

    assert "<script>" not in part
    assert "&lt;script&gt;alert(1)" in part


def test_no_more_parts_are_kept_than_there_is_room_for(renderer: Renderer) -> None:
    """However often the register changes."""
    for version in range(MOST_KEPT + 10):
        renderer.kept("en", "citizen/regions.html", version, regions=())

    assert len(renderer._kept) <= MOST_KEPT
