"""Specifies that plain values rebuild the estimator they came from."""

import numpy as np

from classifier import pipeline
from classifier.pipeline import Model, probabilities
from classifier.trained import Trained
from tests.unit.classifier.corpus import EXAMPLES


def test_rebuilt_estimators_score_as_the_fitted_one() -> None:
    """Nothing that matters stays behind in the fitted object."""
    texts = [example.text for example in EXAMPLES]
    fitted = pipeline.build(0).fit(texts, [example.label for example in EXAMPLES])

    rebuilt = Model(pipeline.weights_of(fitted, 0.5)).probabilities(texts)

    expected = probabilities(fitted.decision_function(texts), 0.5)
    np.testing.assert_allclose(rebuilt, expected, atol=1e-9)


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
