"""Specifies that what is solved once is what scikit-learn finds, and what it would find without."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array
from sklearn.linear_model import Ridge

from classifier import ridge

PENALTY = 0.8
RANDOM = np.random.default_rng(0)
FEATURES = csr_matrix(random_array((60, 300), density=0.1, rng=RANDOM, dtype=np.float32))
TARGETS = RANDOM.choice(np.array([-1.0, 1.0], dtype=np.float32), (60, 4))
FIRST, SECOND = np.array([3, 17, 59, 20]), np.array([0, 17, 1])


def learned(rows: np.ndarray) -> np.ndarray:
    """Return what scikit-learn makes of some rows."""
    peer = Ridge(alpha=PENALTY, fit_intercept=False, solver="cholesky")
    return np.asarray(peer.fit(FEATURES[rows], TARGETS[rows]).coef_.T)


@pytest.fixture(params=["at once", "step by step"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "step by step":
        monkeypatch.setattr(ridge, "EXACT", 10)
    return str(request.param)


def test_weights_are_those_of_scikit_learn(how: str) -> None:
    """The order in which rows are solved does not matter."""
    solved = ridge.solve(FEATURES, TARGETS, PENALTY, [FIRST])

    within = 1e-4 if how == "at once" else 0.05
    np.testing.assert_allclose(solved.coefficients, learned(np.arange(60)), atol=within)


def test_held_out_answers_are_those_of_a_model_trained_without(how: str) -> None:
    """For groups that share rows too, in the order in which they were asked for."""
    solved = ridge.solve(FEATURES, TARGETS, PENALTY, [FIRST, SECOND])

    within = 1e-4 if how == "at once" else 0.05
    for group, told in zip((FIRST, SECOND), solved.held_out, strict=True):
        without = FEATURES[group] @ learned(np.setdiff1d(np.arange(60), group))
        np.testing.assert_allclose(told, without, atol=within)


@pytest.mark.parametrize("block", [7, 1000])
def test_everything_may_be_held_out_in_turn(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """As in cross-validation, in however large pieces the inverse is completed."""
    monkeypatch.setattr(ridge, "BLOCK", block)
    groups = np.array_split(RANDOM.permutation(60), 5)

    solved = ridge.solve(FEATURES, TARGETS, PENALTY, groups)

    for group, told in zip(groups, solved.held_out, strict=True):
        without = FEATURES[group] @ learned(np.setdiff1d(np.arange(60), group))
        np.testing.assert_allclose(told, without, atol=1e-4)


def test_nothing_needs_to_be_held_out() -> None:
    """Who knows how good a model is only learns."""
    assert ridge.solve(FEATURES, TARGETS, PENALTY).held_out == []


@pytest.mark.parametrize("frequent", [0, 7, 300])
def test_products_are_those_of_the_rows(monkeypatch: pytest.MonkeyPatch, frequent: int) -> None:
    """However many columns are multiplied as a dense matrix."""
    monkeypatch.setattr(ridge, "FREQUENT", frequent)
    monkeypatch.setattr(ridge, "BLOCK", 25)

    found = np.tril(ridge.gram(FEATURES))

    np.testing.assert_allclose(found, np.tril((FEATURES @ FEATURES.T).toarray()), atol=1e-5)
