"""Numbers and days as text in the manner of a language, kept: tables tell the same few again.

To lay one out takes a twentieth of a millisecond, and a table of an analyst has thousands.
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from math import isfinite

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

KEPT = 16_384
ZERO = Decimal(0)
HUNDREDTHS = 2
"""So many more digits has a share than its percentage."""


def number(value: float, pattern: str | None, digits: int, locale: Locale) -> str:
    """Tell a number by a pattern that has so many digits behind the point."""
    return _number(_rounded(value, digits), pattern, locale)


def percent(value: float, pattern: str | None, digits: int, locale: Locale) -> str:
    """Tell a share as a percentage by a pattern that has so many digits behind the point."""
    return _percent(_rounded(value, digits + HUNDREDTHS), pattern, locale)


@lru_cache(KEPT)
def long_day(value: date, locale: Locale) -> str:
    """Tell a day with the name of its month."""
    return format_date(value, "long", locale=locale)


@lru_cache(KEPT)
def _number(value: Decimal, pattern: str | None, locale: Locale) -> str:
    return format_decimal(value, pattern, locale=locale)


@lru_cache(KEPT)
def _percent(value: Decimal, pattern: str | None, locale: Locale) -> str:
    return format_percent(value, pattern, locale=locale)


def _rounded(value: float, digits: int) -> Decimal:
    """Round as it would be laid out: what is told alike is kept once; nothing has no sign."""
    exact = Decimal(str(value))
    return exact.quantize(ZERO.scaleb(-digits)) or ZERO if isfinite(value) else exact
