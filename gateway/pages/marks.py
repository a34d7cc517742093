"""Because of these words: a text with those marked that spoke for what a model chose."""

import unicodedata
from collections.abc import Iterator, Sequence

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.masking import mask, mask_with_places

Piece = tuple[str, bool]
"""A part of the text, and whether it is marked."""


def marked(text: str, explanation: pb.Explanation) -> Sequence[Piece]:
    """Mark words in a text whose personal data is masked already."""
    return list(_pieces(text, _spans(explanation)))


def marked_in_own_words(text: str, explanation: pb.Explanation) -> Sequence[Piece]:
    """Mark words in a citizen's own text; the places are those of the masked one."""
    composed = unicodedata.normalize("NFC", text)
    seen, places = mask_with_places(composed)
    if seen != unicodedata.normalize("NFC", mask(text)):
        return [(text, False)]  # the places would be those of another text
    spans = _spans(explanation)
    inside = [(start, end) for start, end in spans if 0 <= start < end < len(places)]
    return list(_pieces(composed, [(places[start], places[end]) for start, end in inside]))


def _spans(explanation: pb.Explanation) -> list[tuple[int, int]]:
    """Return where the words are that spoke for the service, in the order of the text."""
    return sorted((one.start, one.end) for one in explanation.words if one.weight > 0)


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    done = 0
    for start, end in spans:
        if not done <= start < end <= len(text):
            continue
        yield text[done:start], False
        yield text[start:end], True
        done = end
    yield text[done:], False
