"""What leaves a text when it is masked, and what stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.masking import (
    CARD_MARK,
    DOCUMENT_MARK,
    EMAIL_MARK,
    IBAN_MARK,
    IIN_MARK,
    PHONE_MARK,
    PLATE_MARK,
    is_card,
    is_iban,
    is_iin,
    mask,
    mask_with_places,
)

FIRST_ROUND = "900101300007"
SECOND_ROUND = "900101300811"
"""Its weighted sum is 10 in the first round, so the second weights give the digit."""
NOT_GIVEN_OUT = "90010130080"
"""Eleven digits whose both sums are 10."""


@pytest.mark.parametrize("number", [FIRST_ROUND, SECOND_ROUND])
@pytest.mark.parametrize("spelling", ["{}{}", "{} {}", "{}-{}"])
def test_a_number_with_its_check_digit_is_masked(number: str, spelling: str) -> None:
    """Whether written whole or in halves."""
    written = spelling.format(number[:6], number[6:])

    assert mask(f"ИИН {written}, помогите") == f"ИИН {IIN_MARK}, помогите"


@pytest.mark.parametrize("digit", "0123456789")
@pytest.mark.parametrize("number", [FIRST_ROUND, SECOND_ROUND])
def test_only_the_right_check_digit_makes_a_number(number: str, digit: str) -> None:
    """Nine of ten such numbers are something else."""
    assert is_iin(number[:11] + digit) == (number[11] == digit)


@pytest.mark.parametrize("digit", "0123456789")
def test_a_number_that_is_not_given_out_is_none(digit: str) -> None:
    """Where both rounds fail there is no check digit."""
    assert not is_iin(NOT_GIVEN_OUT + digit)


@pytest.mark.parametrize("digit", "012345689")
def test_a_number_with_another_check_digit_stays(digit: str) -> None:
    """It is the number of something else, which the sorter may need."""
    assert mask(f"№ {FIRST_ROUND[:11]}{digit}.") == f"№ {FIRST_ROUND[:11]}{digit}."


@pytest.mark.parametrize(
    "text", ["", "12345678901", FIRST_ROUND + "1", "９００１０１３０００07", "٩" * 12]
)
def test_what_has_not_twelve_ascii_digits_is_no_number(text: str) -> None:
    """Digits of other scripts, too few and too many."""
    assert not is_iin(text)


@pytest.mark.parametrize(
    "spelling",
    [
        "+77011234567",
        "87011234567",
        "77011234567",
        "7011234567",
        "+7 701 123 45 67",
        "8 (701) 123-45-67",
        "8-701-123-45-67",
        "+7(701)1234567",
        "701 123 45 67",
        "8 701 12 34 567",
        "8.701.123.45.67",
        "8–701–123–45–67",
        "8\u00a0701\u00a0123\u00a045\u00a067",
        "+7 (727) 250-12-34",
        "+7 (7172) 55-55-55",
        "8 7172 705 050",
        "+998 90 123 45 67",
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "тел.: {}, вечером", "({})", "Звоните {}!"])
def test_a_phone_number_is_masked(spelling: str, sentence: str) -> None:
    """As people write them, mobile or of a town, alone or in a sentence."""
    assert mask(sentence.format(spelling)) == sentence.format(PHONE_MARK)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.kz",
        "aigul.serik+gov@mail.example.kz",
        "имя@пример.рф",
        "x_y-z@sub.domain.gov.kz",
        "A@B.KZ",
    ],
)
def test_an_e_mail_address_is_masked(address: str) -> None:
    """In Latin or Cyrillic, with the words around it left."""
    assert mask(f"пишите на {address}, спасибо") == f"пишите на {EMAIL_MARK}, спасибо"


@pytest.mark.parametrize(
    "text",
    [
        "заказ 12345678",
        "заказ 70123456789012",
        "1 500 000 тенге",
        "7 250 500 тенге",
        "7 500 000 000 тенге",
        "700 000 тг",
        "QZ-26-0000042-5",
        "QZ-26-7012345-1",
        "№ 7001234",
        "2026-01-18 09:30",
        "статья 701, пункт 12",
        "звоните 1414",
        "8 часов 30 минут",
        "цена @ рынок",
        "@aigul в сети",
        "Паспорт жоғалттым, не істеймін?",
        "",
    ],
)
def test_other_numbers_and_words_stay(text: str) -> None:
    """Orders, sums, dates and receipts are no personal data of this form."""
    assert mask(text) == text


def test_all_that_is_in_a_text_is_masked() -> None:
    """One of a kind does not hide another."""
    text = f"{FIRST_ROUND} {SECOND_ROUND} a@b.kz c@d.kz +77011234567 8-702-765-43-21"

    assert mask(text).split() == [IIN_MARK] * 2 + [EMAIL_MARK] * 2 + [PHONE_MARK] * 2


def test_masking_twice_is_masking_once() -> None:
    """Marks are not personal data."""
    once = mask(f"{FIRST_ROUND}, a@b.kz, +77011234567")

    assert mask(once) == once


@pytest.mark.parametrize(
    "unit",
    ["7", "70", "8 ", "+7", "+", "7-", "(7", "7011234567 ", "٧", "\u00a07", "+7(", "900101-"],
)
@pytest.mark.parametrize("other", ["", "@", "a", "a@b.", ".", "- "])
def test_hostile_texts_come_back(unit: str, other: str) -> None:
    """Four thousand characters made to confuse patterns are masked like any."""
    text = ((unit * 5 + other * 70) * 4000)[:4000]

    assert len(mask(text)) < 2 * len(text)


@given(
    st.text(st.characters(exclude_categories=["Nd"])),
    st.sampled_from([FIRST_ROUND, SECOND_ROUND]),
    st.text(st.characters(exclude_categories=["Nd"])),
)
def test_a_number_never_survives_among_words(before: str, number: str, after: str) -> None:
    """Whatever stands around it, as long as it is no digit."""
    assert number not in mask(before + number + after)


IBAN = "KZ86125KZT5004100100"
"""The example of ISO 13616's register for Kazakhstan."""
CARD = "4111111111111111"
"""A number for testing that no bank gives out."""


@pytest.mark.parametrize("spelling", [IBAN, "KZ86 125K ZT50 0410 0100", IBAN.lower()])
def test_an_account_number_is_masked(spelling: str) -> None:
    """Whole, by four, and in small letters."""
    assert mask(f"счет {spelling}, куда платить") == f"счет {IBAN_MARK}, куда платить"


@pytest.mark.parametrize("place", range(4, len(IBAN)))
def test_only_right_check_digits_make_an_account_number(place: int) -> None:
    """One wrong digit and it is the number of something else."""
    wrong = f"{IBAN[:place]}{'1' if IBAN[place] != '1' else '2'}{IBAN[place + 1 :]}"

    assert is_iban(IBAN)
    assert not is_iban(wrong)
    assert IBAN_MARK not in mask(wrong)


@pytest.mark.parametrize("spelling", [CARD, "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_a_bank_card_is_masked(spelling: str) -> None:
    """As it stands on the card."""
    assert mask(f"карта {spelling}.") == f"карта {CARD_MARK}."


@pytest.mark.parametrize("digit", "023456789")
def test_only_the_right_check_digit_makes_a_card(digit: str) -> None:
    """Nine of ten such numbers are something else."""
    assert is_card(CARD)
    assert not is_card(CARD[:-1] + digit)
    assert mask(CARD[:-1] + digit) == CARD[:-1] + digit


@pytest.mark.parametrize(
    "number", ["N12345678", "N 12345678", "N№12345678", "n12345678", "012345678"]
)
def test_the_number_of_a_document_is_masked(number: str) -> None:
    """Of a passport or an identity card."""
    assert mask(f"паспорт {number} потерял") == f"паспорт {DOCUMENT_MARK} потерял"


@pytest.mark.parametrize(
    "plate", ["123ABC02", "123 ABC 02", "123 АВС 16", "123abc02", "456AB20", "A123BCD", "A 123 BC"]
)
def test_the_number_of_a_vehicle_is_masked(plate: str) -> None:
    """Of today's form and of the older one, in Latin or look-alike letters."""
    assert mask(f"машина {plate} стоит") == f"машина {PLATE_MARK} стоит"


@pytest.mark.parametrize(
    "text",
    [
        "в 2024 году 100 дней",
        "200 kg 15 дней",
        "форма 075У, справка 086",
        "ИП на 100 МЗП 21",
        "статья 123 АК РК",
        "приказ № 12345678",
        "заявка 123456789",
    ],
)
def test_numbers_of_other_things_stay(text: str) -> None:
    """Forms, laws and orders help to tell what is meant."""
    assert mask(text) == text


@given(st.text(st.sampled_from("аб 0179+@.-NKZ№ё"), max_size=60))
def test_places_lead_back_to_the_text(text: str) -> None:
    """What is not masked is found in the text where the places say, in order."""
    masked, places = mask_with_places(text)

    assert masked == mask(text)
    assert len(places) == len(masked) + 1
    assert places == sorted(places)
    assert places[-1] == len(text)


def test_a_word_behind_what_was_masked_is_found() -> None:
    """However long the number, and however long its mark."""
    text = "a@b.kz, 900101300007 және 8 701 123 45 67: паспорт"
    masked, places = mask_with_places(text)

    start = masked.index("паспорт")

    assert text[places[start] : places[start + 7]] == "паспорт"
    assert text[places[masked.index("және")] :].startswith("және")
