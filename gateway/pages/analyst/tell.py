"""How figures are told in the language of a visit: shares, days, and both in charts."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from babel.dates import format_date

from gateway.pages import figures
from gateway.pages.languages import Manner
from gateway.pages.visit import Visit

NONE = "–"
LEAST_SHARE = 0.0001
"""No share is told more exactly."""


class Share(Protocol):
    """A part of a whole with its interval, as audit tells it."""

    count: int
    of: int
    value: float
    low: float
    high: float
    is_small: bool


@dataclass(frozen=True, slots=True)
class Tell:
    """Tells figures."""

    manner: Manner

    @classmethod
    def of(cls, visit: Visit) -> "Tell":
        """Return how a visit is told figures; days come as days, so that no zone matters."""
        return cls.in_language(visit.language)

    @classmethod
    def in_language(cls, language: str) -> "Tell":
        """Return how a language tells figures."""
        return cls(Manner.of(language, "UTC"))

    def percent(self, value: float) -> str:
        """Tell a share; the nearer to nothing or all, the more digits, and never all for nearly."""
        if 0 < value < LEAST_SHARE:
            return f"<\N{NO-BREAK SPACE}{self.percent(LEAST_SHARE)}"
        if 1 - LEAST_SHARE < value < 1:
            return f">\N{NO-BREAK SPACE}{self.percent(1 - LEAST_SHARE)}"
        rest = min(abs(value), abs(1 - value))
        digits = 0 if rest in (0, 1) or rest >= 0.1 else 1 if rest >= 0.001 else 2
        pattern = ("#,##0%", "#,##0.0%", "#,##0.00%")[digits]
        return figures.percent(value, pattern, digits, self.manner.locale)

    def tick(self, value: float) -> str:
        """Tell a share at an axis, with no more digits than it has."""
        return figures.percent(value, "#,##0.##%", 2, self.manner.locale)

    def points(self, value: float) -> str:
        """Tell by how many points shares differ, with the sign."""
        return self._signed(value * 100, "0.0")

    def point_tick(self, value: float) -> str:
        """Tell a difference of shares at an axis."""
        return self._signed(value * 100, "0.#")

    def hours(self, value: float) -> str:
        """Tell by how many hours means differ, with the sign."""
        return self._signed(value, "0.#")

    def _signed(self, value: float, digits: str) -> str:
        pattern = f"+#,##{digits};-#,##{digits}" if round(value, 1) else "0"
        return figures.number(value, pattern, 1, self.manner.locale)

    def number(self, value: float) -> str:
        """Tell a number with two digits at most."""
        return figures.number(value, "#,##0.##", 2, self.manner.locale)

    def fine(self, value: float) -> str:
        """Tell a small number, such as a probability."""
        return figures.number(value, "#,##0.###", 3, self.manner.locale)

    def day(self, value: str) -> str:
        """Tell a day; nothing where there is none."""
        return figures.long_day(date.fromisoformat(value), self.manner.locale) if value else NONE

    def short_day(self, value: date) -> str:
        """Tell a day where there is little room."""
        return format_date(value, "dd.MM.yyyy", locale=self.manner.locale)

    def share(self, share: Share) -> str:
        """Tell a share in a word; a dash of nothing."""
        return self.percent(share.value) if share.of else NONE
