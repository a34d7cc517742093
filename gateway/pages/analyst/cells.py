"""Cells of an analyst's tables, kept: a large table has thousands, and many of them are alike."""

from functools import lru_cache, partial
from typing import Any

from markupsafe import Markup

from gateway.pages.analyst.tell import Tell
from gateway.pages.languages import LANGUAGES
from gateway.pages.render import Renderer
from gateway.pages.visit import Visit

KEPT = 4096
"""Of each kind in each language: some megabytes."""
SHARE = Markup('{value}{few}<span class="hint">{low} – {high}<br>{part}</span>')
HOURS = Markup('{value}{few}<span class="hint wrap">{low} – {high}{within}</span>')
FEW = Markup(' <span class="tag warn">{}</span>')
BREAK = Markup("<br>{}")
PART = Markup('{value}{few}<span class="hint">{part}</span>')
ENOUGH = 30
"""Shares of fewer say little."""
NOTHING = Markup('<span class="quiet">–</span>')


class Cells:
    """Makes the cells of one language."""

    def __init__(self, renderer: Renderer, language: str) -> None:
        self._tell = Tell.in_language(language)
        self._words = partial(renderer.words, language)
        self._share = lru_cache(KEPT)(self._make_share)
        self._hours = lru_cache(KEPT)(self._make_hours)
        self._part = lru_cache(KEPT)(self._make_part)

    def share(self, it: Any) -> Markup:
        """Tell a share with its interval and what it is of; a dash of nothing."""
        if not it.of:
            return NOTHING
        return self._share((it.count, it.of), (it.value, it.low, it.high), it.is_small)

    def hours(self, it: Any) -> Markup:
        """Tell how many hours something took, with what half and nine of ten took; or a dash."""
        if not it.case_count:
            return NOTHING
        within = (it.median, it.ninth_decile)
        return self._hours((it.mean, it.mean_low, it.mean_high), within, it.is_small)

    def part(self, it: Any) -> Markup:
        """Tell what share of requests online services had, and of how many; or a dash."""
        if it is None or not it.case_count:
            return NOTHING
        return self._part(it.online_case_count, it.case_count)

    def _make_share(
        self, counts: tuple[int, int], shares: tuple[float, float, float], is_small: bool
    ) -> Markup:
        count, of = map(self._tell.number, counts)
        value, low, high = map(self._tell.percent, shares)
        few, part = self._few(is_small), self._count_of(count, of)
        return SHARE.format(value=value, few=few, low=low, high=high, part=part)

    def _make_part(self, count: int, of: int) -> Markup:
        part = self._count_of(*map(self._tell.number, (count, of)))
        few = self._few(of < ENOUGH)
        return PART.format(value=self._tell.percent(count / of), few=few, part=part)

    def _count_of(self, count: str, of: str) -> str:
        return self._words("%(count)s of %(of)s") % {"count": count, "of": of}

    def _make_hours(
        self, means: tuple[float, float, float], within: tuple[float, float], is_small: bool
    ) -> Markup:
        words = self._words
        mean, low, high = map(self._tell.number, means)
        median, most = map(self._tell.number, within)
        told = words("half within %(median)s h, nine of ten within %(most)s h")
        return HOURS.format(
            value=words("%(hours)s h") % {"hours": mean},
            few=self._few(is_small),
            low=low,
            high=high,
            within=BREAK.format(told % {"median": median, "most": most}) if within[0] else "",
        )

    def _few(self, is_small: bool) -> Markup:
        words = self._words
        return FEW.format(words("few cases")) if is_small else Markup()


def cells_of(visit: Visit) -> Cells:
    """Return the cells of a visit's language."""
    return _cells(visit.pages.renderer, visit.language)


@lru_cache(len(LANGUAGES))
def _cells(renderer: Renderer, language: str) -> Cells:
    return Cells(renderer, language)
