"""Pairs of words that stand near each other, in either order: "lost" beside "passport".

A linear model adds up what single words say; a pair says what two words mean together.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_WORDS = 100
"""So many words of a text are paired: the pairs of a story are more than its words."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Cuts texts into pairs; called as an analyzer by scikit-learn."""

    letters: int
    """So many first letters stand for a word: endings change, in Kazakh and Russian most of all."""
    reach: int
    """The second word is at most so many places behind the first."""

    def __call__(self, text: str) -> list[str]:
        """Return the names of the pairs of a text, each once."""
        stems = [word[: self.letters] for word in paired_words(text)]
        return list({pair_name(stems[one], stems[other]) for one, other in self.places(stems)})

    def places(self, stems: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Give the places of every two words that make a pair; a word and itself do not."""
        for one, stem in enumerate(stems):
            for other in range(one + 1, min(one + 1 + self.reach, len(stems))):
                if stems[other] != stem:
                    yield one, other


def paired_words(text: str) -> Sequence[str]:
    """Return the words of a text that are paired: single letters are not."""
    return [word for word in _WORD.findall(text)[:MAX_WORDS] if len(word) > 1]


def pair_name(one: str, other: str) -> str:
    """Return the name of a pair, the same in either order."""
    return f"{one} {other}" if one < other else f"{other} {one}"
