"""Specifies what is held out when a model is measured."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.corpus import Corpus
from classifier.domain import OUT_OF_SCOPE
from classifier.folds import FOLDS, LARGE, assign_folds, rounds


def corpus(labels: NDArray[Any], writers: NDArray[Any], samples: int | None = None) -> Corpus:
    """Return texts without words, the first so many of them samples."""
    is_sample = np.arange(len(labels)) < (len(labels) if samples is None else samples)
    return Corpus(labels, labels, writers, (), is_sample, titles=0)


def many() -> Corpus:
    """Return a large corpus: half of it out of scope, and the last thousand no samples."""
    labels = np.array(["a", OUT_OF_SCOPE] * LARGE, dtype=object)
    return corpus(labels, np.arange(len(labels)).astype(str).astype(object), len(labels) - 1000)


def test_of_few_texts_each_is_held_out_once() -> None:
    """Every one of them is evidence."""
    labels = np.array(["a", "b", OUT_OF_SCOPE] * 20, dtype=object)

    chosen = rounds(
        corpus(labels, np.arange(60).astype(str).astype(object)), np.random.default_rng(0)
    )

    assert sorted(np.concatenate([one.held for one in chosen]).tolist()) == list(range(60))
    assert all(one.is_whole for one in chosen)


def test_of_many_texts_those_out_of_scope_are_each_held_out_once() -> None:
    """They are few, and a small share of them is what thresholds promise."""
    told = many()

    chosen = rounds(told, np.random.default_rng(0))

    held = np.concatenate([one.held for one in chosen])
    strays = held[told.labels[held] == OUT_OF_SCOPE]
    assert len(strays) == len(set(strays.tolist()))
    assert len(strays) >= LARGE - 500
    assert [one.is_whole for one in chosen] == [True, False, False, False, False]
    assert set(told.labels[np.concatenate([one.held for one in chosen[1:]])]) == {OUT_OF_SCOPE}


def test_a_second_step_has_all_of_many_texts_to_learn_from() -> None:
    """Each label needs dozens of answers; of more texts than can be afforded, it has fewer."""
    told = many()

    chosen = rounds(told, np.random.default_rng(0), is_ample=True)

    assert all(one.is_whole for one in chosen)
    assert sum(len(one.held) for one in chosen) == told.is_sample.sum()


def test_what_was_written_for_its_words_is_not_held_out() -> None:
    """No model is measured by it, and every model learns it."""
    told = many()
    labels = told.labels.copy()
    labels[~told.is_sample] = "a"

    chosen = rounds(replace(told, labels=labels), np.random.default_rng(0))

    assert all(told.is_sample[one.unseen].all() for one in chosen)


def test_the_only_example_of_a_label_without_title_is_never_held_out() -> None:
    """There would be nothing left to learn it from."""
    labels = np.array(["a", "b", "b", "b"], dtype=object)
    writers = np.array(["1", "2", "3", "4"], dtype=object)

    folds = assign_folds(corpus(labels, writers), np.random.default_rng(0))

    assert folds[0] == -1
    assert set(folds[1:]) <= set(range(FOLDS))


@pytest.fixture
def many_writers() -> Corpus:
    """Return texts of ten labels, half of them by forty people who wrote of any of them."""
    random = np.random.default_rng(7)
    labels = np.array([f"label-{row % 10}" for row in range(2000)], dtype=object)
    writers = [
        f"writer-{random.integers(40)}" if row % 20 < 10 else f"#{row}" for row in range(2000)
    ]
    return corpus(labels, np.array(writers, dtype=object))


def test_nobody_is_judged_by_their_own_words() -> None:
    """All that a writer says is held out together, whatever it is about."""
    labels = np.array(["a", "b"] * 20, dtype=object)
    writers = np.array([f"writer-{row % 7}" for row in range(40)], dtype=object)

    folds = assign_folds(corpus(labels, writers), np.random.default_rng(0))

    assert all(len(set(folds[writers == one].tolist())) == 1 for one in set(writers))
    assert set(folds.tolist()) == set(range(FOLDS))


def test_folds_are_alike(many_writers: Corpus) -> None:
    """Of each label about as many texts are held out in every fold."""
    folds = assign_folds(many_writers, np.random.default_rng(0))

    for label in set(many_writers.labels.tolist()):
        counts = np.bincount(folds[many_writers.labels == label], minlength=FOLDS)
        assert counts.max() <= 1.5 * counts.min()
