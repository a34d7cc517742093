"""Specifies how texts are made comparable and how their language is told."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.domain import Language
from classifier.text import prepare
from classifier.text.spelling import in_cyrillic
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
    assert prepare(text, mask=unmasked).language is language


def test_one_borrowed_word_does_not_make_a_text_mixed() -> None:
    """Kazakh with a Russian noun is Kazakh."""
    told = prepare("Маған справку қайдан аламын, айтыңызшы", mask=unmasked)

    assert told.language is Language.KK


@pytest.mark.parametrize("text", ["", "12345", "?!", "😀"])
def test_a_text_without_letters_has_some_language(text: str) -> None:
    """Nothing in a text breaks the rule."""
    assert prepare(text, mask=unmasked).language in Language


def test_case_spaces_and_composition_do_not_matter() -> None:
    """The same words make the same text however they were typed."""
    typed = unicodedata.normalize("NFD", "  Йогурт\n ЁЛКА ")

    assert prepare(typed, mask=unmasked).words == "йогурт елка"


def test_personal_data_leaves_no_word_behind() -> None:
    """Not even its mark: "IIN" in a text must mean that the citizen said so."""
    assert prepare("позвоните +7 701 123 45 67 мне", mask=mask).words == "позвоните мне"


@pytest.mark.parametrize(
    "typed",
    [
        "tuu turaly kualik qaidan alamyn",
        "tuu turaly kuálik qaıdan alamyn",
        "tuu turaly kuälık qaidan alamyn",
        "týý turaly ky'a'lik qai'dan alamyn".replace("ky'a'", "kýa'"),
        "tuu turaly kualik kaydan alamyn",
        "туу туралы куалик кайдан аламын",
        "туу туралы куәлік қaйдан аламын",
    ],
)
def test_kazakh_is_one_language_in_every_alphabet(typed: str) -> None:
    """The Latin alphabets of 2017, 2018 and 2021, everyday spelling, and no Kazakh letters."""
    told = prepare(typed, mask=unmasked)

    assert told.words == prepare("Туу туралы куәлік қайдан аламын", mask=unmasked).words
    assert told.language is Language.KK


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gfcgjhn", "паспорт"),
        ("yt vjue gjkexbnm gfcgjhn", "не могу получить паспорт"),
        ("pfuhfygfcgjhn? cghfdrf/", "загранпаспорт, справка."),
        (
            "gjvjubnt cltkfnm gtycb.? e vtyz ytn nhelbxtcrjq",
            "помогите сделать пенсию, у меня нет трудической",
        ),
        ("yt pyf. relf jnlfnm ht,tyrf d cflbr", "не знаю куда отдать ребенка в садик"),
        ("dsgkfns bp tyga gtycbjythe", "выплаты из енпф пенсионеру"),
        ("fgp yf ghbcnhjqre r ljve ult jajhvbnm", "апз на пристройку к дому где оформить"),
        ("tyga nf rfyif frifv ,fh rfkfq ,bktv", "енпф та канша акшам бар калай билем"),
        ("рщц ещ пуе зфыызщке", "how to get passport"),
    ],
)
def test_who_forgot_to_change_the_keyboard_is_understood(typed: str, meant: str) -> None:
    """Russian on English keys, and English on Russian ones."""
    told, expected = prepare(typed, mask=unmasked), prepare(meant, mask=unmasked)

    assert (told.words, told.language) == (expected.words, expected.language)


@pytest.mark.parametrize(
    "text",
    [
        *("passport", "how do i get it", "sms", "eds", "visa", "id card", "street light broken"),
        *("tech passport of the house is lost", "status check", "dean's office sells exam passes"),
    ],
)
def test_english_is_not_taken_for_wrong_keys(text: str) -> None:
    """Short words and abbreviations stay what they are."""
    assert prepare(text, mask=unmasked).words == text


@pytest.mark.parametrize(
    "text",
    [
        "free sports sections for children under the state sports order",
        "transfer between two accounts",
        "switch tv",
        "thanks",
        "scratch",
        "new reminder, please",
        "see ya later",
        "buy out goverment land under garage",
        "monthly payment baby under 1.5 years",
        "altyn alqa alowance how much per month",
    ],
)
def test_ordinary_english_is_left_in_its_letters(text: str) -> None:
    """Clusters of consonants, a letter o that Russian keys make щ, or one name do not undo it."""
    told = prepare(text, mask=unmasked)

    assert (told.words, told.language) == (text, Language.EN)


@pytest.mark.parametrize("text", ["zags", "jäne sol", "tehosmotr", "nish 7 klass"])
def test_kazakh_and_russian_in_latin_letters_are_not_taken_for_wrong_keys(text: str) -> None:
    """Even where they have few vowels."""
    assert prepare(text, mask=unmasked).words in (text, in_cyrillic(text))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("balaga tolkujat", Language.KK),
        ("neke kualigimiz koship jurgende jogalyp kalypty", Language.KK),
        ("jaiylymdy jalga alganbyz merzimi bytti", Language.KK),
        ("azamattyktan shygu", Language.KK),
        ("prodlit prava cherez internet", Language.RU),
        ("vosstanovlenie svidetelstva o rozhdenii", Language.RU),
        ("detskaya ploshchadka vo dvore", Language.RU),
        ("women's refuge", Language.EN),
        ("cafeteria licence renewal", Language.EN),
        ("vitamin deficiency, martin", Language.EN),
        ("landlady pretty agenda, canoe, almost frost", Language.EN),
    ],
)
def test_grammar_tells_the_language_in_latin_letters(text: str, language: Language) -> None:
    """Endings and small words, where nobody typed a letter of one language alone."""
    assert prepare(text, mask=unmasked).language is language


def test_russian_in_latin_letters_is_russian() -> None:
    """People without a Russian keyboard write so."""
    told = prepare("gde poluchit spravku", mask=unmasked)

    assert told.words == "где получит справку"
    assert told.language is Language.RU


def test_latin_letters_that_look_cyrillic_are_cyrillic() -> None:
    """Inside a Cyrillic word; a word of its own stays."""
    assert prepare("cпpaвкa через egov", mask=unmasked).words == "справка через egov"


@given(st.text(max_size=200))
def test_words_stay_apart_as_they_were(text: str) -> None:
    """So that an explanation can point into the citizen's own text."""
    told = prepare(text, mask=mask)

    assert len(told.words.split()) == len(told.spans)
