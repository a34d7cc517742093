"""The words that spoke for a service, marked in the text."""

import unicodedata

import pytest

from gateway.pages.citizen.why import why
from qyzmet.cases.v1 import cases_pb2 as pb


def explained(*words: tuple[int, int, float]) -> pb.Explanation:
    return pb.Explanation(
        words=[
            pb.ExplainedWord(start=start, end=end, weight=weight) for start, end, weight in words
        ]
    )


def marked(text: str, explanation: pb.Explanation) -> list[str]:
    return [part for part, is_marked in why(text, explanation).parts if is_marked]


def test_words_are_marked_where_they_stand() -> None:
    """However they are ranked."""
    text = "I lost my passport abroad"

    assert marked(text, explained((19, 25, 0.2), (10, 18, 0.9))) == ["passport", "abroad"]


def test_nothing_of_the_text_is_lost() -> None:
    """The pieces together are the text."""
    text = "I lost my passport abroad"
    parts = why(text, explained((10, 18, 0.9))).parts

    assert "".join(part for part, _ in parts) == text


def test_words_against_the_service_are_not_marked() -> None:
    """They are no reason."""
    found = why("lost passport", explained((0, 4, -0.5)))

    assert not found.says_something


@pytest.mark.parametrize("place", [(5, 99), (-1, 4), (-99, 4), (4, 4), (9, 5), (99, 5)])
def test_a_place_outside_the_text_is_passed_over(place: tuple[int, int]) -> None:
    """A text that was cut on its way is shown as it is."""
    assert marked("lost passport", explained((*place, 1.0))) == []


def test_one_letter_is_marked_once() -> None:
    """Of places that overlap, the first holds."""
    assert marked("lost passport", explained((0, 6, 1.0), (5, 13, 1.0))) == ["lost p"]


def test_places_are_those_of_the_composed_text() -> None:
    """A letter that was typed in two parts is one."""
    text = unicodedata.normalize("NFD", "йод паспорт")

    assert marked(text, explained((4, 11, 1.0))) == ["паспорт"]


def test_citizens_read_their_own_words() -> None:
    """Personal data too, which is theirs; and they are told that the model did not see it."""
    text = "ИИН 900101300007 паспорт"
    found = why(text, explained((10, 17, 1.0)))

    assert found.is_masked
    assert [part for part, is_marked in found.parts if is_marked] == ["паспорт"]
    assert "".join(part for part, _ in found.parts) == text
