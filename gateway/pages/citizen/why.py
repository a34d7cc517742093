"""Because of these words: a text with those marked that spoke for what a model chose."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.pages.marks import Piece, marked_in_own_words
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.masking import mask


@dataclass(frozen=True, slots=True)
class Why:
    """A citizen's own text, in pieces."""

    parts: Sequence[Piece]
    is_masked: bool
    """Whether the model saw marks in the place of personal data."""

    @property
    def says_something(self) -> bool:
        """Tell whether any word is marked."""
        return any(is_marked for _, is_marked in self.parts)


def why(text: str, explanation: pb.Explanation) -> Why:
    """Mark the words of a text that spoke for the service, and none that spoke against it."""
    composed = unicodedata.normalize("NFC", text)
    return Why(marked_in_own_words(text, explanation), mask(composed) != composed)
