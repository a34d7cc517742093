"""Specifies what is measured of a model."""

import numpy as np
import pytest

from classifier.domain import NEVER, OUT_OF_SCOPE, Language, Thresholds, ThresholdTable
from classifier.evaluate import Judged, Metrics, curves, evaluate, measure
from classifier.pipeline import Model
from classifier.trained import Trained
from tests.unit.classifier.corpus import EXAMPLES, unmasked

LABELS = ("a", "b", "c", "d", OUT_OF_SCOPE)
ROWS = np.array(
    [
        [0.90, 0.04, 0.03, 0.02, 0.01],
        [0.60, 0.30, 0.05, 0.03, 0.02],
        [0.50, 0.20, 0.15, 0.10, 0.05],
        [0.10, 0.05, 0.03, 0.02, 0.80],
    ]
)
TABLE = ThresholdTable({Language.RU: Thresholds(0.6, 0.5), Language.KK: Thresholds(NEVER, NEVER)})


def measured(truth: str, language: Language = Language.RU) -> Metrics:
    """Measure the four rows; the truth is a letter a row, o is out of scope."""
    labels = [OUT_OF_SCOPE if letter == "o" else letter for letter in truth]
    told = Judged(LABELS, ROWS, labels, [language.value] * 4, [language] * 4)
    return measure(told, TABLE)["all"]


def test_top_one_counts_the_best_label() -> None:
    """Out of scope is a label like others here."""
    assert measured("abdo").top1 == 0.5


def test_top_three_counts_the_best_three() -> None:
    """The second best is among them, the fourth best is not."""
    assert measured("abdo").top3 == 0.75


def test_routed_is_what_reaches_the_first_threshold() -> None:
    """Two of four do, and one of them goes wrong."""
    told = measured("abdo")

    assert (told.routed, told.routed_error) == (0.5, 0.5)


def test_offered_is_what_lies_between_the_thresholds() -> None:
    """One of four does, and its right service is not among the three."""
    told = measured("abdo")

    assert (told.offered, told.offered_miss) == (0.25, 1.0)


def judged(truth: str) -> Judged:
    """Return the four rows; the truth is a letter a row, o is out of scope, x is no label."""
    labels = [OUT_OF_SCOPE if letter == "o" else letter for letter in truth]
    return Judged(LABELS, ROWS, labels, ["kk", "kk", "ru", "ru"], [Language.RU] * 4)


def test_brier_is_the_squared_distance_from_the_truth() -> None:
    """Of all labels, not of the best alone."""
    one = Judged(("a", "b"), np.array([[0.7, 0.3]]), ["b"], ["kk"], [Language.KK])

    assert measure(one, TABLE)["kk"].brier == pytest.approx(0.7**2 + 0.7**2)


def test_brier_of_a_service_the_model_cannot_name_is_worse_than_one() -> None:
    """No promise was for it."""
    one = Judged(("a", "b"), np.array([[0.7, 0.3]]), ["x"], ["kk"], [Language.KK])

    assert measure(one, TABLE)["kk"].brier == pytest.approx(0.7**2 + 0.3**2 + 1)


def test_risk_is_told_for_each_coverage() -> None:
    """The surest first: the first two are right, the third is wrong, the last is no service."""
    told = curves(judged("aaoo"))["all"]

    assert [(point.coverage, point.risk) for point in told] == [
        (0.25, 0.0),
        (0.5, 0.0),
        (0.75, pytest.approx(1 / 3)),
        (1.0, 0.5),
    ]
    assert [point.threshold for point in told] == [0.9, 0.6, 0.5, 0.1]


def test_risk_is_told_by_language() -> None:
    """Each has texts of its own."""
    told = curves(judged("aaoo"))

    assert (told["kk"][-1].risk, told["ru"][-1].risk) == (0.0, 1.0)


def test_texts_of_one_probability_are_covered_together() -> None:
    """No threshold lies between them."""
    rows = np.array([[0.8, 0.2], [0.8, 0.2], [0.6, 0.4]])
    told = curves(Judged(("a", "b"), rows, ["a", "b", "a"], ["kk"] * 3, [Language.KK] * 3))["all"]

    assert [(point.coverage, point.risk) for point in told] == [
        (pytest.approx(2 / 3), 0.5),
        (1.0, pytest.approx(1 / 3)),
    ]


def test_a_threshold_of_never_routes_nothing() -> None:
    """A language without evidence waits for people."""
    assert measured("abdo", Language.KK).routed == 0.0


def test_calibration_error_is_the_gap_between_promise_and_truth() -> None:
    """All wrong at a mean confidence of 0.7 is a gap of 0.7."""
    assert measured("bcba").calibration_error == pytest.approx(0.7)


def test_metrics_are_told_by_the_language_writers_stated(trained: Trained) -> None:
    """And of all together."""
    told = evaluate(Model(trained.weights), trained.thresholds, EXAMPLES, mask=unmasked)

    assert {name: one.count for name, one in told.items()} == {
        "all": 84,
        "en": 28,
        "kk": 28,
        "ru": 28,
    }
