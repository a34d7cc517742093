"""Specifies that texts which are the same are solved as one, and nothing else is different."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array

from classifier import alike, ridge

PENALTY = 0.8
RANDOM = np.random.default_rng(0)
COPIES = RANDOM.permutation(np.repeat(np.arange(20), 3))
"""Twenty texts, each three times."""
TEXTS = [f"text {number}" for number in COPIES]
FEATURES = csr_matrix(random_array((20, 100), density=0.2, rng=RANDOM, dtype=np.float32))[COPIES]
TARGETS = RANDOM.choice(np.array([-1.0, 1.0], dtype=np.float32), (60, 4))
"""What is the same may bear several labels."""
GROUPS = [np.array([3, 17, 59, 20]), np.arange(30), np.array([], dtype=np.intp)]


def test_weights_are_those_of_a_row_for_each_text() -> None:
    """However many labels one text was given."""
    found = alike.solve(TEXTS, FEATURES, TARGETS, PENALTY)

    told = ridge.solve(FEATURES, TARGETS, PENALTY)
    np.testing.assert_allclose(found.coefficients, told.coefficients, atol=1e-4)


def test_answers_are_those_of_models_that_saw_the_copies_that_were_not_held_out() -> None:
    """A copy that is learned is learned; what is held out is answered in its own order."""
    found = alike.solve(TEXTS, FEATURES, TARGETS, PENALTY, GROUPS)

    told = ridge.solve(FEATURES, TARGETS, PENALTY, GROUPS)
    for one, other in zip(found.held_out, told.held_out, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_a_text_that_counts_twice_is_as_two() -> None:
    """In what is learned, and in what models without it answer."""
    counts = np.where(np.arange(60) % 5 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(60), counts.astype(int))
    group = np.arange(30)

    found = alike.solve(TEXTS, FEATURES, TARGETS, PENALTY, [group], counts=counts)

    told = ridge.solve(FEATURES[twice], TARGETS[twice], PENALTY, [np.flatnonzero(twice < 30)])
    np.testing.assert_allclose(found.coefficients, told.coefficients, atol=1e-4)
    np.testing.assert_allclose(found.held_out[0][twice[twice < 30]], told.held_out[0], atol=1e-4)


def test_copies_cost_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is solved is as large as there are different texts."""
    solved: list[int] = []
    exact = ridge.solve

    def spy(features: csr_matrix, *given: object) -> ridge.Solved:
        solved.append(features.shape[0])
        return exact(features, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(ridge, "solve", spy)

    alike.solve(TEXTS, FEATURES, TARGETS, PENALTY)

    assert solved == [20]
