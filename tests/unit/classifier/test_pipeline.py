"""Specifies that plain values rebuild the estimator they came from."""

from dataclasses import replace

import numpy as np
import pytest

from classifier import pipeline
from classifier.pipeline import Model, probabilities
from classifier.recipe import STANDARD, Recipe
from classifier.trained import Trained
from tests.unit.classifier.corpus import EXAMPLES


def test_what_is_kept_scores_as_the_fitted_one() -> None:
    """Nothing that matters stays behind in the fitted object: scores differ by rounding only."""
    texts = [example.text for example in EXAMPLES]
    fitted = pipeline.fit(texts, [example.label for example in EXAMPLES])

    kept = Model(pipeline.weights_of(fitted, 0.5)).scores(texts)

    np.testing.assert_allclose(kept, fitted.scores(texts), atol=0.02)


def test_probabilities_of_a_text_add_up_to_one(trained: Trained) -> None:
    """Also of a text without a single known word."""
    rows = Model(trained.weights).probabilities(["паспорт", "zzzz"])

    np.testing.assert_allclose(rows.sum(axis=1), 1.0)


def test_a_higher_temperature_is_humbler() -> None:
    """The same scores promise less."""
    scores = np.array([[2.0, 1.0, 0.0]])

    assert probabilities(scores, 2.0).max() < probabilities(scores, 0.5).max()


def test_a_text_has_the_same_answer_alone_and_in_company(trained: Trained) -> None:
    """Coalescing calls does not change them."""
    model = Model(trained.weights)
    texts = ["паспорт", "birth grant", "как права водителя"]

    together = model.probabilities(texts)

    alone = np.vstack([model.probabilities([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-9)


def test_no_text_has_no_answer(trained: Trained) -> None:
    """An empty batch is not a mistake."""
    assert len(Model(trained.weights).probabilities([])) == 0


def test_an_even_recipe_hears_rare_labels() -> None:
    """Of the same words, said a hundred times of one thing and ten times of another."""
    texts, labels = ["water heating"] * 110, ["often"] * 100 + ["rare"] * 10
    texts, labels = [*texts, "road pit", "road pit"], [*labels, "other", "other"]

    def share(recipe: Recipe) -> float:
        fitted = pipeline.fit(texts, labels, recipe=recipe)
        row = fitted.scores(["water heating"])[0] + 1  # a score of -1 is none at all
        return float(row[fitted.labels.index("rare")] / row.sum())

    assert share(STANDARD) == pytest.approx(1 / 11, abs=0.01)
    assert share(replace(STANDARD, evenness=1.0)) == pytest.approx(1 / 2, abs=0.01)
