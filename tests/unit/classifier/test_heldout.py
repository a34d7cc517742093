"""Specifies how sure a model is of itself."""

import numpy as np
import pytest

from classifier.heldout import fit_temperature


def test_temperature_undoes_overconfidence() -> None:
    """Scores that are right four times in five are told so."""
    scores = np.tile([[100.0, 0.0]], (100, 1))
    truth = np.array([0] * 80 + [1] * 20)

    temperature, _ = fit_temperature(scores / 10, truth)

    assert 1 / (1 + np.exp(-10 / temperature)) == pytest.approx(0.8, abs=0.01)


def test_the_loss_is_that_of_the_best_temperature() -> None:
    """Right four times in five and sure by as much: the entropy of that."""
    scores = np.tile([[1.0, 0.0]], (100, 1))
    truth = np.array([0] * 80 + [1] * 20)

    _, loss = fit_temperature(scores, truth)

    assert loss == pytest.approx(-(0.8 * np.log(0.8) + 0.2 * np.log(0.2)), abs=1e-4)
