"""Specifies when a model's answer is trusted."""

import pytest

from classifier.domain import (
    CERTAIN,
    NEVER,
    BatchSizeError,
    Bounds,
    Language,
    Prediction,
    TextLengthError,
    Thresholds,
    check_texts,
    choose_thresholds,
    highest_below,
    lowest_threshold,
    most_seen,
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


def strays(language: Language, count: int) -> list[Prediction]:
    """Return texts out of scope that a model takes for services, each less than the one before."""
    return [
        Prediction(language, 0.9, False, False, True, out_of_scope=one / 1000)
        for one in range(count)
    ]


def test_few_texts_out_of_scope_are_routed() -> None:
    """However seldom they come: their share is bounded by itself, and surely."""
    right = [told(Language.RU, 0.6, right=True, offered=True)] * 9000

    own = choose_thresholds([*right, *strays(Language.RU, 200)], Bounds(stray_share=0.05))

    limits = own.of(Language.RU)
    assert sum(one.probability >= limits.route for one in strays(Language.RU, 200)) == 200
    assert sum(one.out_of_scope <= limits.strange for one in strays(Language.RU, 200)) == 4


def test_texts_out_of_scope_held_out_apart_count_for_nothing_else() -> None:
    """There may be more of them than come among others."""
    right = [told(Language.RU, 0.6, right=True, offered=True)] * 200

    limits = choose_thresholds(right, Bounds(), strays(Language.RU, 200)).of(Language.RU)

    assert limits.route == 0.6
    assert limits.strange < 0.01


def test_no_limit_is_set_where_the_route_is_far_enough() -> None:
    """What is strange and never likely needs no second rule."""
    right = [told(Language.RU, 0.95, right=True, offered=True)] * 200

    limits = choose_thresholds(right, Bounds(), strays(Language.RU, 200)).of(Language.RU)

    assert limits.strange == CERTAIN


def test_few_texts_out_of_scope_of_a_language_are_judged_with_the_others() -> None:
    """Of ten strays in English no share of three in a hundred can be told."""
    right = [
        told(language, 0.6, right=True, offered=True)
        for language in (Language.RU, Language.EN)
        for _ in range(200)
    ]
    seen = [*strays(Language.RU, 200), *strays(Language.EN, 10)]

    table = choose_thresholds(right, Bounds(), seen)

    assert 0 < table.of(Language.EN).strange < 0.01


def test_a_strange_text_is_not_routed_and_may_be_offered() -> None:
    """Whoever asks it may still say that they meant it."""
    limits = Thresholds(0.7, 0.2, strange=0.1)

    assert limits.of_text(0.1) == limits
    assert (limits.of_text(0.2).route, limits.of_text(0.2).confirm) == (NEVER, 0.2)


@pytest.mark.parametrize(
    ("count", "share", "most"),
    [(98, 0.03, -1), (99, 0.03, 0), (460, 0.03, 7), (100_000, 0.03, 2911), (9, 0.0, -1), (9, 1, 9)],
)
def test_so_few_may_be_seen_that_chance_is_no_excuse(count: int, share: float, most: int) -> None:
    """By the exact bounds of Clopper and Pearson, at nineteen times in twenty."""
    assert most_seen(count, share) == most


@pytest.mark.parametrize(("allowed", "highest"), [(-1, 0.0), (0, 0.1), (2, 0.3), (9, CERTAIN)])
def test_so_many_lie_at_or_below_the_limit(allowed: int, highest: float) -> None:
    """The limit is just below the first that is one too many."""
    seen = [0.9, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.1]

    limit = highest_below(seen, allowed)

    assert limit == pytest.approx(highest)
    assert sum(one <= limit for one in seen) == max(0, allowed)


@pytest.mark.parametrize("text", ["", "  \n", "a" * 4001])
def test_a_text_has_a_length(text: str) -> None:
    """Nothing, blanks and more than 4000 characters are refused."""
    with pytest.raises(TextLengthError):
        check_texts(["fine", text])


def test_a_batch_has_a_size() -> None:
    """More than 500 texts are refused."""
    with pytest.raises(BatchSizeError):
        check_texts(["fine"] * 501)
