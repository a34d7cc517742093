"""Specifies which words make a pair."""

import pytest

from classifier.pairs import MAX_WORDS, Pairs

PAIRS = Pairs(letters=4, reach=2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("потерял паспорт", {"пасп поте"}),
        ("паспорт потерял", {"пасп поте"}),
        ("паспорта потеряны", {"пасп поте"}),
        ("a lost b passport", {"lost pass"}),
        ("паспорт паспорта", set()),
        ("паспорт", set()),
        ("", set()),
    ],
)
def test_a_pair_is_two_words_in_either_order(text: str, told: set[str]) -> None:
    """Endings do not matter, single letters are passed over, a word is no pair with itself."""
    assert set(PAIRS(text)) == told


def test_words_far_apart_make_no_pair() -> None:
    """The second is at most so many places behind the first."""
    assert "aaaa dddd" not in PAIRS("aaaa bbbb cccc dddd")
    assert "aaaa cccc" in PAIRS("aaaa bbbb cccc dddd")


def test_a_pair_counts_once() -> None:
    """However often it is said."""
    assert sorted(PAIRS("ab cd ab cd")) == ["ab cd"]


def test_a_long_text_has_no_more_pairs_than_its_first_words_make() -> None:
    """Time to cut a text is bounded."""
    words = [f"w{number:04d}" for number in range(10 * MAX_WORDS)]

    assert set(PAIRS(" ".join(words))) == set(PAIRS(" ".join(words[:MAX_WORDS])))
