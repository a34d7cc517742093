"""Services found by what people type: words, or their beginnings, in any of the languages."""

import re
from functools import lru_cache

from services.catalog.domain.register import Agency, LocalizedText, Service
from services.chassis.errors import InvalidError

MAX_QUERY_CHARACTERS = 100
WORDS_KEPT = 5_000
"""Of so many services the words are kept."""
LONG = 5
ENDING = 2
_WORD = re.compile(r"\w+")


class Search:
    """What somebody looks for."""

    def __init__(self, query: str) -> None:
        if len(query) > MAX_QUERY_CHARACTERS:
            raise InvalidError(
                f"a search has at most {MAX_QUERY_CHARACTERS} characters", field="query"
            )
        self._beginnings = [_beginning(word) for word in _words(query)]

    def finds(self, service: Service, agency: Agency | None) -> bool:
        """Tell whether each of the words begins one of the service's; no words find every one."""
        said = _said(service, agency.name if agency else LocalizedText())
        return all(any(word.startswith(one) for word in said) for one in self._beginnings)


def _beginning(word: str) -> str:
    """Return a word without its last letters: in Kazakh and Russian, endings say how, not what."""
    return word if len(word) < LONG else word[: max(LONG - 1, len(word) - ENDING)]


@lru_cache(WORDS_KEPT)
def _said(service: Service, agency: LocalizedText) -> frozenset[str]:
    texts = (service.title, service.keywords, agency)
    return frozenset(
        word for text in texts for part in (text.kk, text.ru, text.en) for word in _words(part)
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("ё", "е"))
