"""Because of these words: a text with those marked that spoke for what a model chose."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.masking import mask

Part = tuple[str, bool]
"""A piece of the text, and whether it is marked."""


@dataclass(frozen=True, slots=True)
class Why:
    """A text as the model saw it, in pieces."""

    parts: Sequence[Part]
    is_masked: bool
    """Whether personal data was hidden from the model, so that it is not in the pieces either."""

    @property
    def says_something(self) -> bool:
        """Tell whether any word is marked."""
        return any(is_marked for _, is_marked in self.parts)


def why(text: str, explanation: pb.Explanation) -> Why:
    """Mark the words of a text that spoke for the service; those against it are left as they are.

    Places are those of the composed text without personal data, which is what the model saw.
    """
    composed = unicodedata.normalize("NFC", text)
    seen = unicodedata.normalize("NFC", mask(text))
    return Why(tuple(_pieces(seen, explanation)), seen != composed)


def _pieces(text: str, explanation: pb.Explanation) -> Iterator[Part]:
    end = 0
    for word in sorted(explanation.words, key=lambda one: one.start):
        if word.weight <= 0 or not end <= word.start < word.end <= len(text):
            continue
        yield text[end : word.start], False
        yield text[word.start : word.end], True
        end = word.end
    yield text[end:], False
