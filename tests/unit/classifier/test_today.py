"""Specifies labels in the ids of today."""

import numpy as np

from classifier import today
from classifier.domain import Example, Language
from classifier.evaluate import Judged

MERGED = {"old.passport": "new.passport", "old.papers": "new.passport"}


def judged(labels: list[str], truth: list[str]) -> Judged:
    """Return two texts, of which a model with four labels is half sure."""
    told = np.array([[0.5, 0.1, 0.3, 0.1], [0.1, 0.2, 0.5, 0.2]])
    return Judged(labels, told, truth, ["ru", "ru"], [Language.RU, Language.RU])


def test_examples_bear_the_ids_of_today() -> None:
    """What did not stop stays."""
    told = [Example("a", "old.papers", "ru", "w", is_sample=False), Example("b", "land.plot")]

    assert today.examples_of(told, MERGED) == [
        Example("a", "new.passport", "ru", "w", is_sample=False),
        Example("b", "land.plot"),
    ]


def test_what_was_merged_counts_as_one() -> None:
    """As routing counts it: the probabilities of both are of the one that there is."""
    before = judged(["land.plot", "old.papers", "new.passport", "old.passport"], ["old.papers"] * 2)

    told = today.judged_of(before, MERGED)

    assert (list(told.labels), list(told.truth)) == (
        ["land.plot", "new.passport"],
        ["new.passport"] * 2,
    )
    np.testing.assert_allclose(told.probabilities, [[0.5, 0.5], [0.1, 0.9]])


def test_where_nothing_stopped_nothing_changes() -> None:
    """The labels keep their order."""
    before = judged(["d", "c", "b", "a"], ["a", "b"])

    assert today.judged_of(before, MERGED) is before
