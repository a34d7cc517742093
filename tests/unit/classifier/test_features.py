"""Specifies that the features we serve are those we trained on."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.pipeline import FeatureUnion

from classifier import pipeline
from classifier.examples import read_bundled
from classifier.features import Features
from classifier.recipe import RECIPES

ODD = ["", " ", "я", "я я я", "a  b", "ұ", "жүз он екі жүз", "неизвестноеслово", "x" * 3000]


@pytest.fixture(scope="module")
def texts() -> Sequence[str]:
    return [example.text.casefold() for example in read_bundled()][:400]


@pytest.fixture(scope="module", params=RECIPES, ids=lambda recipe: recipe.name)
def fitted(request: pytest.FixtureRequest, texts: Sequence[str]) -> FeatureUnion:
    fitted: FeatureUnion = pipeline.unfitted(request.param).fit(texts)
    return fitted


@pytest.mark.parametrize("of", [slice(0, 400), slice(7, 8), slice(0, 0)])
def test_features_are_those_of_scikit_learn(
    fitted: FeatureUnion, texts: Sequence[str], of: slice
) -> None:
    """To the last bit, also where a word was met before."""
    features = Features(fitted)
    asked = [*texts[of], *ODD, *ODD]

    ours, theirs = features.of(asked), fitted.transform(asked)

    assert np.array_equal(hstack(ours).toarray(), theirs.toarray())


def test_words_that_were_never_learned_are_counted(fitted: FeatureUnion) -> None:
    """Each word once, as often as it stands there; of no words the share is 0."""
    known = next(iter(fitted.named_transformers["word"].vocabulary_))
    texts = [known, f"{known} йцукенгшщз", f"{known} {known} йцук фыва", "йцук", ""]

    assert Features(fitted).unknown_shares(texts) == [0.0, 0.5, 0.5, 1.0, 0.0]
