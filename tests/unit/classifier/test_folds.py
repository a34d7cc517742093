"""Specifies what is held out when a model is measured."""

import numpy as np

from classifier.corpus import Corpus
from classifier.folds import FOLDS, assign_folds


def test_the_only_example_of_a_label_without_title_is_never_held_out() -> None:
    """There would be nothing left to learn it from."""
    labels = np.array(["a", "b", "b", "b"], dtype=object)
    writers = np.array(["1", "2", "3", "4"], dtype=object)

    folds = assign_folds(Corpus(labels, labels, writers, (), titles=0), np.random.default_rng(0))

    assert folds[0] == -1
    assert set(folds[1:]) <= set(range(FOLDS))


def test_nobody_is_judged_by_their_own_words() -> None:
    """All that a writer says of a label is held out together."""
    labels = np.array(["a", "b"] * 20, dtype=object)
    writers = np.array([f"writer-{row % 7}" for row in range(40)], dtype=object)

    folds = assign_folds(Corpus(labels, labels, writers, (), titles=0), np.random.default_rng(0))

    wrote = {(one, label) for one, label in zip(writers, labels, strict=True)}
    assert all(
        len(set(folds[(writers == one) & (labels == label)].tolist())) == 1 for one, label in wrote
    )
    assert set(folds.tolist()) == set(range(FOLDS))
