"""How figures are told: with as many digits as say something, in the manner of the language."""

from datetime import date

import pytest

from gateway.pages.analyst.tell import Tell
from gateway.pages.languages import Manner

ENGLISH = Tell(Manner.of("en", "UTC"))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0%"),
        (0.0003, "0.03%"),
        (0.0129, "1.3%"),
        (0.42, "42%"),
        (0.925, "92.5%"),
        (0.9996, "99.96%"),
        (0.00002, "<\N{NO-BREAK SPACE}0.01%"),
        (0.999999, ">\N{NO-BREAK SPACE}99.99%"),
        (1, "100%"),
    ],
)
def test_a_share_near_nothing_or_all_has_more_digits(value: float, told: str) -> None:
    """99.96 % online is not all."""
    assert ENGLISH.percent(value) == told


@pytest.mark.parametrize(
    ("value", "told"), [(0.123, "+12.3"), (-0.123, "-12.3"), (0, "0"), (0.0001, "0")]
)
def test_a_gap_has_a_sign_where_it_is_one(value: float, told: str) -> None:
    """In points; nothing has none."""
    assert ENGLISH.points(value) == told


@pytest.mark.parametrize(("language", "told"), [("kk", "12,5"), ("ru", "12,5"), ("en", "12.5")])
def test_a_number_has_the_marks_of_its_language(language: str, told: str) -> None:
    """A comma in Kazakh and Russian."""
    assert Tell(Manner.of(language, "UTC")).number(12.5) == told


def test_a_day_that_is_none_is_a_dash() -> None:
    """Such as the day on which all is online, where it never is."""
    assert ENGLISH.day("") == "–"


def test_a_day_is_told_long_in_words_and_short_at_an_axis() -> None:
    """As people of the country write it."""
    assert Tell(Manner.of("kk", "UTC")).day("2026-03-01") == "2026\u202fж. 1 наурыз"
    assert ENGLISH.short_day(date(2026, 3, 1)) == "01.03.2026"
