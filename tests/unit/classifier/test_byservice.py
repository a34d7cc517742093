"""Specifies what is measured of a model by service."""

import numpy as np
import pytest

from classifier import byservice
from classifier.byservice import ServiceMetrics, by_service
from classifier.domain import OUT_OF_SCOPE, Language, Thresholds, ThresholdTable
from classifier.evaluate import Judged

TABLE = ThresholdTable({Language.RU: Thresholds(0.6, 0.5)})
ASKED = Judged(
    labels=("a", "b", "c", "d", OUT_OF_SCOPE),
    probabilities=np.array(
        [
            [0.90, 0.04, 0.03, 0.02, 0.01],
            [0.60, 0.30, 0.05, 0.03, 0.02],
            [0.50, 0.20, 0.15, 0.10, 0.05],
            [0.10, 0.05, 0.03, 0.02, 0.80],
        ]
    ),
    truth=["a", "b", "d", OUT_OF_SCOPE],
    stated=["ru"] * 4,
    detected=[Language.RU] * 4,
)
"""Two are routed, both to a; the second is of b."""


def test_each_service_is_told_by_its_own_texts() -> None:
    """How often it is found, and how often its texts go by themselves, rightly or not."""
    told = by_service(ASKED, TABLE)

    assert told["b"] == ServiceMetrics(
        count=1, top1=0.0, top3=1.0, routed=1.0, routed_error=1.0, astray=0
    )
    assert (told["d"].top3, told["d"].routed) == (0.0, 0.0)
    assert (told[OUT_OF_SCOPE].top1, told[OUT_OF_SCOPE].routed) == (1.0, 0.0)


def test_texts_of_others_that_come_to_a_service_are_counted() -> None:
    """Its office would have to send them on."""
    assert by_service(ASKED, TABLE)["a"].astray == 1


def test_a_service_that_only_others_texts_went_to_is_told() -> None:
    """None of the texts asked for it."""
    asked = Judged(
        ASKED.labels, ASKED.probabilities, ["b", "b", "d", "d"], ASKED.stated, ASKED.detected
    )

    told = by_service(asked, TABLE)

    assert (told["a"].count, told["a"].top1, told["a"].astray) == (0, 0.0, 2)


def test_the_weakest_stand_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """And are those that are told, where there are too many for a card."""
    assert list(by_service(ASKED, TABLE)) == ["b", "d", "a", OUT_OF_SCOPE]
    monkeypatch.setattr(byservice, "MOST_SERVICES", 2)
    assert list(by_service(ASKED, TABLE)) == ["b", "d"]
