"""Specifies what the model that ships promises, on requests it was never trained on."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from classifier import artifact
from classifier.artifact import Stored, layout
from classifier.domain import OUT_OF_SCOPE, Bounds
from classifier.evaluate import (
    ALL,
    Judged,
    Metrics,
    evaluate,
    is_routed,
    judge,
    measure,
    predictions,
    together,
)
from classifier.examples import BUNDLED, read_examples
from services.chassis.masking import mask

TESTS = BUNDLED.with_name("test")
MAX_FOLDER_BYTES = 60_000_000
BATCH = 256


@pytest.fixture(scope="session")
def stored(model: Path) -> Stored:
    return artifact.load(model, json.loads((model / layout.LABELS).read_bytes()))


def answered(stored: Stored, pattern: str) -> Judged:
    """Let the model answer all sealed texts of some files, as services ask: in batches."""
    texts = [one for path in sorted(TESTS.glob(pattern)) for one in read_examples(path)]
    return together(
        [
            judge(stored.model, texts[begin : begin + BATCH], mask=mask)
            for begin in range(0, len(texts), BATCH)
        ]
    )


@pytest.fixture(scope="session")
def measured(stored: Stored) -> Mapping[str, Metrics]:
    examples = read_examples(TESTS / "requests.jsonl")
    return evaluate(stored.model, stored.thresholds, examples, mask=mask)


@pytest.fixture(scope="session")
def ordinary(stored: Stored) -> Judged:
    return answered(stored, "services-*.jsonl")


@pytest.fixture(scope="session")
def strange(stored: Stored) -> Judged:
    return answered(stored, "out-of-scope*.jsonl")


@pytest.fixture(scope="session")
def sealed(stored: Stored, ordinary: Judged) -> Mapping[str, Metrics]:
    return measure(ordinary, stored.thresholds)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_no_language_is_left_behind(measured: Mapping[str, Metrics], language: str) -> None:
    """The right service is first in four of five requests, and rarely beyond the third."""
    told = measured[language]

    assert told.top1 >= 0.8
    assert told.top3 >= 0.93


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_what_is_routed_by_itself_is_rarely_wrong(
    measured: Mapping[str, Metrics], language: str
) -> None:
    """The bound that thresholds were chosen for holds on requests that are new."""
    assert measured[language].routed_error <= Bounds().route_error


def test_every_service_is_asked_for(ordinary: Judged, sealed: Mapping[str, Metrics]) -> None:
    """The least figures are those of the whole register, three texts a service and language."""
    assert set(ordinary.truth) == set(ordinary.labels) - {OUT_OF_SCOPE}
    assert {name: told.count for name, told in sealed.items()} == {
        **dict.fromkeys(("kk", "ru", "en"), 900),
        ALL: 2700,
    }


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_least_accuracy_is_kept(sealed: Mapping[str, Metrics], language: str) -> None:
    """Of all services, in each language: what quality.md promises at least."""
    assert sealed[language].top1 >= 0.72
    assert sealed[language].top3 >= 0.87


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_enough_is_routed_by_itself_and_rightly(
    sealed: Mapping[str, Metrics], language: str
) -> None:
    """Thresholds that route nothing would keep every bound; nearly half must go without people."""
    assert sealed[language].routed >= 0.45
    assert 1 - sealed[language].routed_error >= 0.95


def test_strangers_are_told_from_requests(ordinary: Judged, strange: Judged) -> None:
    """By how probable the model holds that no service fits."""
    truth = [0] * len(ordinary.truth) + [1] * len(strange.truth)
    column = list(ordinary.labels).index(OUT_OF_SCOPE)
    told = [one.probabilities[:, column] for one in (ordinary, strange)]

    assert roc_auc_score(truth, np.concatenate(told)) >= 0.95


def test_strangers_rarely_go_to_an_office(stored: Stored, strange: Judged) -> None:
    """Of the texts that no service handles, by both of their writers together."""
    routed = [is_routed(one, stored.thresholds) for one in predictions(strange)]

    assert len(routed) == 510
    assert float(np.mean(routed)) < 0.03


def test_the_folder_is_small(model: Path) -> None:
    """It is copied to every replica."""
    assert sum(path.stat().st_size for path in model.iterdir()) < MAX_FOLDER_BYTES
