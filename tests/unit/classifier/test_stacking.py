"""Specifies what the scores of labels say for and against each other."""

import numpy as np
import pytest

from classifier.stacking import Mix, mix

NONE = np.array(False)
"""No label has few examples."""


def test_labels_that_score_alike_are_told_apart_by_a_third() -> None:
    """Of the first two it is the second wherever the third is near as well."""
    truth = np.array([0, 1, 2] * 40)
    scores = np.array([[0.5, 0.5, -1.0], [0.5, 0.5, 0.2], [-1.0, -1.0, 1.0]] * 40)

    told = scores @ mix(scores, truth, penalty=0.1).matrix(NONE)

    assert (told.argmax(axis=1) == truth).all()


def test_under_a_great_penalty_the_order_of_labels_stays() -> None:
    """Only the scale is found: every label speaks for itself alone, and all as loud."""
    random = np.random.default_rng(0)
    scores = random.normal(size=(200, 4)) + 2 * np.eye(4)[truth := random.integers(4, size=200)]

    found = mix(scores, truth, penalty=1e7).matrix(NONE)

    assert found[0, 0] > 1.0
    np.testing.assert_allclose(found, found[0, 0] * np.eye(4), atol=1e-3)


def test_texts_that_count_more_are_heard_more() -> None:
    """Texts that nothing tells apart are of what counts the most in them."""
    truth = np.array([0] * 30 + [1] * 10)
    scores = np.tile([[1.0, 0.9]], (40, 1))

    def best(rare: float) -> int:
        counts = np.where(truth == 1, rare, 1.0)
        return int((scores[:1] @ mix(scores, truth, 0.01, counts).matrix(NONE)).argmax())

    assert (best(rare=1.0), best(rare=9.0)) == (0, 1)


@pytest.mark.parametrize("penalty", [0.1, 10.0])
def test_the_same_scores_give_the_same_mix(penalty: float) -> None:
    """A model that is trained again is the same model."""
    random = np.random.default_rng(0)
    scores, truth = random.normal(size=(60, 5)), random.integers(5, size=60)

    one, other = (mix(scores, truth, penalty).matrix(NONE) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_a_label_without_texts_speaks_for_itself_alone() -> None:
    """A service of which there are titles only is not pushed away by those that have examples."""
    truth = np.array([0, 1] * 20)
    scores = np.c_[np.eye(2)[truth], np.full(40, 0.5)]

    found = mix(scores, truth, penalty=0.1).matrix(np.array([False, False, True]))

    np.testing.assert_array_equal(found[:2, 2], 0.0)
    np.testing.assert_array_equal(found[2, :2], 0.0)
    assert found[2, 2] > 0


def test_what_was_learned_of_a_label_is_left_out_where_it_had_few_examples() -> None:
    """So a round tells what becomes of labels that keep their titles only."""
    learned = Mix(np.array([[0.3, -0.3], [-0.2, 0.2]]), scale=2.0)

    found = learned.matrix(np.array([False, True]))

    np.testing.assert_allclose(found, [[2.3, 0.0], [-0.2, 2.0]])


def test_who_is_twice_as_loud_stands_twice_as_far_above_the_mean() -> None:
    """And all others stay what they are."""
    learned, few = Mix(np.zeros((4, 4)), scale=3.0), np.array([False, False, False, True])
    scores = np.array([[-1.0, -0.8, -0.9, -0.5]])

    plain, lifts = scores @ learned.matrix(few), scores @ learned.lifts(few)

    np.testing.assert_allclose(plain, 3 * scores)
    np.testing.assert_allclose(lifts, [[0, 0, 0, 3 * (-0.5 - scores.mean())]], atol=1e-12)
