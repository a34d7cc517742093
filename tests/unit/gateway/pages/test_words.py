"""The words of the pages in three languages."""

import re

import pytest
from babel.messages import Message

from gateway.pages.words import translations
from tests import page_words

CATALOGUES = [
    pytest.param(language, area, id=f"{language}-{area}")
    for area in page_words.said()
    for language in page_words.TRANSLATED
]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
TAG = re.compile(r"<[^>]+>")


def _messages(language: str, area: str) -> list[Message]:
    return [one for one in page_words.read(language, area) if one.id]


@pytest.mark.parametrize(("language", "area"), CATALOGUES)
def test_a_catalogue_holds_what_is_said_and_nothing_else(language: str, area: str) -> None:
    """Nothing untranslated is shown, and nothing is translated that nobody says: make words."""
    assert sorted((one.id for one in _messages(language, area)), key=str) == list(
        page_words.said()[area]
    )


@pytest.mark.parametrize(("language", "area"), CATALOGUES)
def test_every_message_is_translated(language: str, area: str) -> None:
    """In each form a number may ask for, and by somebody who was sure."""
    wanting = [
        one.id
        for one in _messages(language, area)
        if one.fuzzy or not all([one.string] if isinstance(one.string, str) else one.string)
    ]

    assert wanting == []


@pytest.mark.parametrize(("language", "area"), CATALOGUES)
def test_a_translation_keeps_what_is_put_in(language: str, area: str) -> None:
    """The places for values and for marks are those of the source, in every form."""
    for one in _messages(language, area):
        ids = [one.id] if isinstance(one.id, str) else list(one.id)
        strings = [one.string] if isinstance(one.string, str) else list(one.string)
        wanted = {tuple(sorted(PLACEHOLDER.findall(text) + TAG.findall(text))) for text in ids}
        for string in strings:
            found = tuple(sorted(PLACEHOLDER.findall(string) + TAG.findall(string)))
            assert found in wanted, (one.id, string)


@pytest.mark.parametrize("language", page_words.TRANSLATED)
def test_what_several_areas_say_has_one_translation(language: str) -> None:
    """All catalogues are one in the end, so that another would never be shown."""
    known: dict[str, set[str]] = {}
    for area in page_words.said():
        for one in _messages(language, area):
            known.setdefault(str(one.id), set()).add(str(one.string))

    assert {id_: strings for id_, strings in known.items() if len(strings) > 1} == {}


@pytest.mark.parametrize(("language", "area"), CATALOGUES)
def test_a_catalogue_is_a_file_that_is_read(language: str, area: str) -> None:
    """There is a file for every area, so that what it holds can be seen."""
    assert page_words.path(language, area).exists()


def test_no_catalogue_is_left_of_an_area_that_is_gone() -> None:
    """Every file is that of an area."""
    files = {(file.parent.name, file.stem) for file in (page_words.PAGES / "words").rglob("*.po")}

    assert files == {param.values for param in CATALOGUES}


def test_the_source_is_shown_as_it_is() -> None:
    """English is the language of the source, and needs no catalogue."""
    assert translations("en").gettext("Sign in") == "Sign in"


@pytest.mark.parametrize(("language", "words"), [("kk", "Кіру"), ("ru", "Войти")])
def test_all_areas_of_a_language_are_read(language: str, words: str) -> None:
    """Catalogues are compiled as they are read, with Kazakh letters and all."""
    assert translations(language).gettext("Sign in") == words
