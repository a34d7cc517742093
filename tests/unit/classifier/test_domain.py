"""Specifies when a model's answer is trusted."""

import pytest

from classifier.domain import (
    NEVER,
    BatchSizeError,
    Bounds,
    Language,
    Prediction,
    TextLengthError,
    check_texts,
    choose_thresholds,
    lowest_above,
    lowest_threshold,
)


def told(language: Language, probability: float, *, right: bool, offered: bool) -> Prediction:
    return Prediction(language, probability, right, offered)


def test_the_threshold_is_the_lowest_that_keeps_the_bound() -> None:
    """Thirty right answers, one wrong among them at the end of the ranking, allow one in ten."""
    outcomes = [(0.9 - place / 100, True) for place in range(30)] + [(0.5, False), (0.4, False)]

    assert lowest_threshold(outcomes, 0.1) == 0.4


def test_the_threshold_stays_above_what_breaks_the_bound() -> None:
    """Where the failures below are too many, the threshold stops before them."""
    outcomes = [(0.9, True)] * 30 + [(0.5, False)] * 30

    assert lowest_threshold(outcomes, 0.1) == 0.9


def test_a_lucky_few_are_no_evidence() -> None:
    """Three right answers do not show that the error is under one in ten."""
    assert lowest_threshold([(0.9, True)] * 3, 0.1) == NEVER


def test_answers_of_equal_probability_stand_or_fall_together() -> None:
    """A threshold cannot separate what the model holds for equally likely."""
    outcomes = [(0.9, True)] * 30 + [(0.9, False)] * 10

    assert lowest_threshold(outcomes, 0.1) == NEVER


def test_a_language_has_thresholds_of_its_own() -> None:
    """Errors in one language do not hold another language back."""
    good = [told(Language.RU, 0.6, right=True, offered=True)] * 200
    bad = [told(Language.EN, 0.6, right=False, offered=False)] * 200

    table = choose_thresholds(good + bad, Bounds())

    assert (table.of(Language.RU).route, table.of(Language.EN).route) == (0.6, NEVER)


def test_a_language_with_little_evidence_takes_the_pooled_thresholds() -> None:
    """Two predictions in English say nothing; those of all languages do."""
    good = [told(Language.RU, 0.6, right=True, offered=True)] * 200
    few = [told(Language.EN, 0.6, right=False, offered=False)] * 2

    table = choose_thresholds(good + few, Bounds())

    assert table.of(Language.EN).route == 0.6


def test_what_cannot_be_routed_may_be_offered() -> None:
    """The right service among the first three is enough to ask the citizen."""
    unsure = [told(Language.KK, 0.3, right=False, offered=True)] * 200

    thresholds = choose_thresholds(unsure, Bounds()).of(Language.KK)

    assert (thresholds.route, thresholds.confirm) == (NEVER, 0.3)


def test_few_texts_out_of_scope_are_routed() -> None:
    """However seldom they come: their share is bounded by itself."""
    right = [told(Language.RU, 0.6, right=True, offered=True)] * 9000
    strays = [Prediction(Language.RU, 0.6 + one / 1000, False, False, True) for one in range(200)]

    route = choose_thresholds(right + strays, Bounds(stray_share=0.02)).of(Language.RU).route

    assert sum(one.probability >= route for one in strays) == 3


@pytest.mark.parametrize(
    ("share", "lowest"), [(0.0, NEVER), (0.1, 0.9), (0.2, 0.8), (0.4, 0.6), (1.0, 0.0)]
)
def test_one_more_than_was_seen_is_counted(share: float, lowest: float) -> None:
    """Of nine, a share of a fifth is one and not two; the others lie below."""
    seen = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

    assert lowest_above(seen, share) == pytest.approx(lowest)


@pytest.mark.parametrize("text", ["", "  \n", "a" * 4001])
def test_a_text_has_a_length(text: str) -> None:
    """Nothing, blanks and more than 4000 characters are refused."""
    with pytest.raises(TextLengthError):
        check_texts(["fine", text])


def test_a_batch_has_a_size() -> None:
    """More than 500 texts are refused."""
    with pytest.raises(BatchSizeError):
        check_texts(["fine"] * 501)
