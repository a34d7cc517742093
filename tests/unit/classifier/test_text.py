"""Specifies how texts are made comparable and how their language is told."""

import unicodedata

import pytest

from classifier.domain import Language
from classifier.text import detect, normalise
from services.chassis.masking import mask
from tests.unit.classifier.corpus import unmasked


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Қайда барамын?", Language.KK),
        ("анам кайтты, куалик кайдан алам", Language.KK),
        ("jataqhanadan oryn algym keledi", Language.KK),
        ("мектеп ауыстыру", Language.KK),
        ("Где получить паспорт", Language.RU),
        ("прописка", Language.RU),
        ("how do I get a passport", Language.EN),
        ("quick question about the queue", Language.EN),
        ("Қайда барамын, мне нужно подать заявление", Language.MIXED),
    ],
)
def test_the_language_is_told_by_letters_and_small_words(text: str, language: Language) -> None:
    """Also without Kazakh letters, and in Latin script."""
    assert detect(text) is language


def test_one_borrowed_word_does_not_make_a_text_mixed() -> None:
    """Kazakh with a Russian noun is Kazakh."""
    assert detect("Маған справку қайдан аламын, айтыңызшы") is Language.KK


@pytest.mark.parametrize("text", ["", "12345", "?!", "😀"])
def test_a_text_without_letters_has_some_language(text: str) -> None:
    """Nothing in a text breaks the rule."""
    assert detect(text) in Language


def test_case_spaces_and_composition_do_not_matter() -> None:
    """The same words make the same text however they were typed."""
    typed = unicodedata.normalize("NFD", "  Йогурт\n ЁЛКА ")

    assert normalise(typed, mask=unmasked) == "йогурт елка"


def test_personal_data_leaves_no_word_behind() -> None:
    """Not even its mark: "IIN" in a text must mean that the citizen said so."""
    assert normalise("позвоните +7 701 123 45 67 мне", mask=mask) == "позвоните мне"
