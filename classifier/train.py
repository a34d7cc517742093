"""Training: from titles and examples to a model with measured, calibrated answers."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from classifier import evaluate, pipeline
from classifier.corpus import Corpus, Indices, corpus_of
from classifier.domain import (
    OUT_OF_SCOPE,
    Bounds,
    Entry,
    Example,
    Language,
    choose_thresholds,
)
from classifier.evaluate import Judged
from classifier.examples import labels_of
from classifier.folds import TITLE_ONLY_SHARE, Round, rounds
from classifier.text import Mask
from classifier.trained import Trained
from services.chassis import masking
from services.chassis.errors import InvalidError

FEWEST_LABELS = 3
TEMPERATURES = (0.01, 10.0)

Progress = Callable[[str, int, int], None]
"""Told the stage, and how many of how many steps are done."""


class TrainingError(InvalidError):
    """The examples do not make a model."""

    reason = "TRAINING"


def train(
    entries: Iterable[Entry],
    examples: Iterable[Example],
    *,
    seed: int,
    progress: Progress,
    mask: Mask = masking.mask,
    bounds: Bounds | None = None,
) -> Trained:
    """Train a model on titles and examples, and choose its thresholds on held-out examples."""
    entries, examples, bounds = tuple(entries), tuple(examples), bounds or Bounds()
    _check(entries, examples)
    progress("read", 0, 1)
    corpus = corpus_of(entries, examples, mask)
    progress("read", 1, 1)
    progress("fit", 0, 1)
    chosen = rounds(corpus, np.random.default_rng(seed))
    fitted = fit(corpus, chosen)
    progress("fit", 1, 1)
    progress("measure", 0, 1)
    scores, is_title_only = _held_out_scores(corpus, chosen, fitted)
    held = np.flatnonzero(~np.isnan(scores).any(axis=1))
    labels = fitted.labels
    truth = corpus.labels[corpus.examples][held]
    temperature = fit_temperature(scores[held], np.searchsorted(labels, truth))
    probabilities = pipeline.probabilities(scores[held], temperature)
    detected = [corpus.languages[row] for row in held.tolist()]
    judged = _judged(labels, probabilities, truth, [examples[row] for row in held], detected)
    thresholds = choose_thresholds(evaluate.predictions(judged), bounds)
    weights = pipeline.weights_of(fitted, temperature)
    progress("measure", 1, 1)
    return Trained(
        weights=weights,
        thresholds=thresholds,
        metrics=evaluate.measure(judged, thresholds),
        title_only=evaluate.measure(_part(judged, is_title_only[held]), thresholds)[evaluate.ALL],
        facts=_facts(entries, examples, bounds, seed),
        curves=evaluate.curves(judged),
    )


def _check(entries: Sequence[Entry], examples: Sequence[Example]) -> None:
    known = {entry.service_id for entry in entries} | {OUT_OF_SCOPE}
    labels = labels_of(examples)
    if entries and not labels <= known:
        raise TrainingError(f"not in the catalogue: {', '.join(sorted(labels - known)[:5])}")
    if OUT_OF_SCOPE in {entry.service_id for entry in entries}:
        raise TrainingError(f"{OUT_OF_SCOPE!r} is not a service")
    if not examples or len(labels | {entry.service_id for entry in entries}) < FEWEST_LABELS:
        raise TrainingError("a model needs examples, and at least three labels")


def fit(corpus: Corpus, chosen: Sequence[Round] = ()) -> pipeline.Fitted:
    """Fit an estimator to a corpus, and answer what each round holds out without it."""
    return pipeline.fit(corpus.texts, corpus.labels, [one.unseen for one in chosen])


def _held_out_scores(
    corpus: Corpus, chosen: Sequence[Round], fitted: pipeline.Fitted
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the scores of each example by a model that did not see it, or else NaN."""
    scores = np.full((len(corpus.examples), len(fitted.labels)), np.nan)
    is_title_only = np.zeros(len(scores), dtype=bool)
    for one, told in zip(chosen, fitted.held_out, strict=True):
        scores[one.held - corpus.titles] = told[: len(one.held)]
        is_title_only[one.held - corpus.titles] = one.is_title_only
    return scores, is_title_only


def fit_temperature(scores: NDArray[np.float64], truth: Indices) -> float:
    """Return the temperature under which the held-out labels are the most likely."""

    def loss(log_temperature: float) -> float:
        told = pipeline.probabilities(scores, float(np.exp(log_temperature)))
        right = told[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(right, np.finfo(float).tiny)).mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return float(np.exp(found.x))


def _judged(
    labels: Sequence[str],
    told: pipeline.Floats,
    truth: NDArray[Any],
    held: Sequence[Example],
    detected: Sequence[Language],
) -> Judged:
    stated = evaluate.stated_languages(held, detected)
    return Judged(labels, told, truth.tolist(), stated, detected)


def _part(judged: Judged, chosen: NDArray[np.bool_]) -> Judged:
    rows = np.flatnonzero(chosen).tolist()
    return Judged(
        judged.labels,
        judged.probabilities[rows],
        [judged.truth[row] for row in rows],
        [judged.stated[row] for row in rows],
        [judged.detected[row] for row in rows],
    )


def _facts(
    entries: Sequence[Entry], examples: Sequence[Example], bounds: Bounds, seed: int
) -> Mapping[str, Any]:
    languages = Counter(example.language or "not stated" for example in examples)
    return {
        "services": len(entries),
        "services_with_examples": len(labels_of(examples) - {OUT_OF_SCOPE}),
        "examples": len(examples),
        "examples_by_language": dict(sorted(languages.items())),
        "title_only_share": TITLE_ONLY_SHARE,
        "route_error_bound": bounds.route_error,
        "stray_share_bound": bounds.stray_share,
        "confirm_miss_bound": bounds.confirm_miss,
        "fewest_predictions": bounds.fewest,
        "seed": seed,
    }
