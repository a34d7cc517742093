"""Numbers as text: kept, and told exactly as they would be laid out anew."""

import random
from math import inf

import pytest
from babel import Locale
from babel.numbers import format_decimal, format_percent

from gateway.pages import figures

LOCALES = [Locale.parse(name) for name in ("kk", "ru", "en_GB")]
HALVES = [number / 1000 for number in range(5, 1000, 10)]
"""What lies between two percentages, where one way to round differs from another."""
NUMBERS = [0, 1, -1, 12.5, 1234567.891, 0.005, *HALVES, *(-one for one in HALVES)]


@pytest.mark.parametrize("locale", LOCALES, ids=str)
@pytest.mark.parametrize(("pattern", "digits"), [(None, 0), ("#,##0.0%", 1), ("#,##0.##%", 2)])
def test_a_share_is_told_as_the_language_has_it(
    locale: Locale, pattern: str | None, digits: int
) -> None:
    """Rounded alike, also between two percentages; the second time too."""
    dice = random.Random(8)
    for value in 2 * [*HALVES, *(dice.random() for _ in range(200))]:
        told = figures.percent(value, pattern, digits, locale)
        assert told == format_percent(value, pattern, locale=locale)


@pytest.mark.parametrize("locale", LOCALES, ids=str)
@pytest.mark.parametrize(("pattern", "digits"), [(None, 3), ("#,##0.##", 2), ("+0.0;-0.0", 1)])
def test_a_number_is_told_as_the_language_has_it(
    locale: Locale, pattern: str | None, digits: int
) -> None:
    """With its marks and its sign; the second time too."""
    for value in 2 * NUMBERS:
        if abs(value) > 0.1:
            told = figures.number(value, pattern, digits, locale)
            assert told == format_decimal(value, pattern, locale=locale)


def test_next_to_nothing_has_no_sign() -> None:
    """Whichever of the two was told first."""
    english = LOCALES[-1]
    assert [figures.number(one, "0.#", 1, english) for one in (-0.001, 0.001, 0)] == ["0"] * 3


def test_what_has_no_end_is_told_too() -> None:
    """A page with such a figure is still a page."""
    assert figures.number(inf, "0.#", 1, LOCALES[0]) == format_decimal(inf, "0.#", locale="kk")
