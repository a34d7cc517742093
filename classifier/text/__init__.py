"""Texts made comparable: what a citizen typed, as models see it."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from classifier.domain import Language
from classifier.text.spelling import spell

__all__ = ["RULES_VERSION", "Mask", "Prepared", "prepare"]

RULES_VERSION = 4
"""Raised when preparation changes what a model sees; a model names the version it needs."""

Mask = Callable[[str], str]
"""Replaces personal data by marks in brackets."""

_MARK = re.compile(r"\[[A-Z]{2,12}\]")
_SPACED = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text as models see it."""

    words: str
    """Masked, composed, case folded, in one spelling; single spaces."""
    language: Language
    text: str
    """Composed and masked, as the citizen wrote it; marks are kept."""

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Return where in the text each of the words stands, in their order."""
        blanked = _MARK.sub(lambda mark: " " * len(mark[0]), self.text)
        return [found.span() for found in _SPACED.finditer(blanked)]


def prepare(text: str, *, mask: Mask) -> Prepared:
    """Return a text as models see it, and its language."""
    masked = mask(unicodedata.normalize("NFC", text))
    words, language = spell(_MARK.sub(" ", masked).casefold())
    return Prepared(" ".join(words.split()), language, masked)
