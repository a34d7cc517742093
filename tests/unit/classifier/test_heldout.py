"""Specifies how sure a model is of itself."""

import numpy as np
import pytest

from classifier import pipeline
from classifier.heldout import HeldOut, fit_loudness, fit_temperature, stacked
from classifier.recipe import WORD_ORDER


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


def answered(scores: pipeline.Floats, truth: pipeline.Floats) -> HeldOut:
    """Return answers to as many examples, all of them such as people ask."""
    count = len(truth)
    yes = np.full(count, True)
    of_round = np.zeros(count, dtype=np.intp)
    return HeldOut(np.arange(count), scores, np.array(list("abcdefgh"))[truth], ~yes, yes, of_round)


NONE = np.full(8, False)


def fitted() -> pipeline.Fitted:
    """Return a fit of eight labels whose terms are those labels."""
    coefficients = np.eye(8, dtype=np.float32)
    return pipeline.Fitted(
        WORD_ORDER, pipeline.unfitted(WORD_ORDER), tuple("abcdefgh"), coefficients, ()
    )


def test_nobody_is_answered_by_a_second_step_that_learned_from_them() -> None:
    """What cannot be learned is not: of scores that say nothing, one in eight is right."""
    random = np.random.default_rng(0)
    truth = random.integers(8, size=400)
    writers = np.arange(400)

    _, told = stacked(
        fitted(), answered(random.normal(size=(400, 8)), truth), writers, NONE, [NONE]
    )

    right = (told.scores.argmax(axis=1) == truth).mean()
    assert right == pytest.approx(1 / 8, abs=0.06)


def test_what_is_held_out_together_stays_together() -> None:
    """A writer who alone calls something by a label of his own does not teach it to himself."""
    truth = np.array([0, 1] * 50 + [2] * 10)
    scores = np.eye(8)[truth]
    scores[100:, :3] = 0.5, 0.9, 0.8
    writers = np.array([*range(100), *[100] * 10])

    _, told = stacked(fitted(), answered(scores, truth), writers, NONE, [NONE])

    assert set(told.scores[100:].argmax(axis=1)) == {1}


def test_of_one_writer_alone_no_second_step_is_learned() -> None:
    """Nobody else taught it, so nothing could be said of how good it is; the recipe says so."""
    truth = np.array([0, 1] * 20)
    told = answered(np.eye(8)[truth], truth)

    made, same = stacked(fitted(), told, np.array(["w"] * 40), NONE, [NONE])

    assert same is told
    assert made.recipe.stacking == 0.0
    np.testing.assert_array_equal(made.coefficients, fitted().coefficients)


def test_a_stacked_fit_scores_by_the_mix() -> None:
    """The answers held out and those of the model are of one measure."""
    random = np.random.default_rng(0)
    truth = random.integers(8, size=400)
    scores = random.normal(size=(400, 8)) + 2 * np.eye(8)[truth]

    made, told = stacked(fitted(), answered(scores, truth), np.arange(400), NONE, [NONE])

    slope, _ = np.polyfit((scores @ made.coefficients).ravel(), told.scores.ravel(), 1)
    assert slope == pytest.approx(1, abs=0.1)


def test_a_label_of_few_examples_speaks_for_itself_alone_and_louder() -> None:
    """It scores half of what the others do, and is the best of what it was asked for."""
    truth = np.array([0, 1] * 100 + [7] * 8)
    scores = np.where(truth[:, None] == np.arange(8), 1.0, -1.0)
    scores[200:, 0], scores[200:, 7] = 0.2, 0.0

    made, told = stacked(
        fitted(), answered(scores, truth), np.arange(208), np.arange(8) == 7, [NONE]
    )

    assert set(told.scores[200:].argmax(axis=1)) == {7}
    assert set((scores @ made.coefficients)[200:].argmax(axis=1)) == {7}
    assert set(told.scores[:200].argmax(axis=1)) == {0, 1}


def test_labels_with_titles_only_are_as_loud_as_makes_the_held_out_likely() -> None:
    """Half of what is asked is of such a label, and it scores half of what others do."""
    truth = np.array([0, 1] * 50)
    plain = np.where(np.arange(2) == truth[:, None], [4.0, 2.0], 0.0)
    lifts = plain * [0, 1]

    assert fit_loudness(plain, lifts, truth) > 2.0


def test_where_every_label_has_examples_none_is_louder() -> None:
    """There is nothing to tell it by, and nothing that it would be of use to."""
    plain = np.eye(2)

    assert fit_loudness(plain, np.zeros_like(plain), np.arange(2)) == 1.0
