"""The languages of the pages: which there are, which somebody prefers, how each tells a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.convertors import StringConvertor, register_url_convertor

from gateway.pages import figures
from services.chassis import workdays

LANGUAGES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
"""Each by the first part of its pages' addresses, and as it calls itself."""
DEFAULT = "kk"
MAX_HEADER = 500
LEAST_SHARE = 0.01
"""Nothing is told more exactly than by the hundredth."""
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-zа-яёәғқңөұүһі]|[«\"])")
"""A capital or a quotation mark begins the next."""
PREFIX = "/{language:language}"
"""How the address of a page begins."""


class LanguageConvertor(StringConvertor):
    """Takes the first part of an address where it is one of our languages, and nothing else."""

    regex = "|".join(LANGUAGES)


register_url_convertor("language", LanguageConvertor())


def first_sentence(text: str) -> str:
    """Return what a text says first, for where there is room for a sentence."""
    return _BETWEEN_SENTENCES.split(text, 1)[0]


def preferred(accept_language: str) -> str:
    """Return the language somebody's browser asks for first among ours; Kazakh where none is."""
    wanted = sorted(_wishes(accept_language[:MAX_HEADER]), key=lambda wish: -wish[1])
    return next((name for name, weight in wanted if weight > 0), DEFAULT)


def _wishes(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        name, _, parameter = part.strip().partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in LANGUAGES:
            yield language, _weight(parameter)


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How one language writes times and numbers, in the time zone of the country."""

    locale: Locale
    zone: ZoneInfo

    @classmethod
    def of(cls, language: str, time_zone: str) -> "Manner":
        """Return the manner of a language."""
        # British: the day before the month, and twenty-four hours, as in the country.
        return cls(Locale.parse("en_GB" if language == "en" else language), ZoneInfo(time_zone))

    def moment(self, value: Timestamp | datetime) -> str:
        """Tell a day and an hour, such as `2026 ж. 27 қараша, 14:05`."""
        hour = format_time(self._local(value), "short", tzinfo=self.zone, locale=self.locale)
        return f"{self.day(value)}, {hour}"

    def day(self, value: Timestamp | datetime) -> str:
        """Tell a day, such as `2026 ж. 27 қараша`."""
        return format_date(self._local(value).date(), "long", locale=self.locale)

    def last_day(self, due: Timestamp | datetime) -> str:
        """Tell the last day of a term, which ends at the midnight after it."""
        return format_date(workdays.last_day(self._local(due)), "long", locale=self.locale)

    def number(self, value: float) -> str:
        """Tell a number with the marks of the language."""
        return figures.number(value, None, 3, self.locale)

    def percent(self, value: float) -> str:
        """Tell a share, such as 0.92, as a percentage; nearly all is not called all."""
        if 0 < value < LEAST_SHARE:
            return f"<\N{NO-BREAK SPACE}{self._percent(LEAST_SHARE)}"
        if 1 - LEAST_SHARE < value < 1:
            return f">\N{NO-BREAK SPACE}{self._percent(1 - LEAST_SHARE)}"
        return self._percent(value)

    def _percent(self, value: float) -> str:
        return figures.percent(value, None, 0, self.locale)

    def _local(self, value: Timestamp | datetime) -> datetime:
        moment = value if isinstance(value, datetime) else value.ToDatetime(ZoneInfo("UTC"))
        return moment.astimezone(self.zone)
