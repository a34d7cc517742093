"""Training: from titles and examples to a model with measured, calibrated answers."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    told = _held_out(corpus, chosen, fitted)
    temperature = fit_temperature(
        told.scores[told.is_whole], _codes(told, fitted.labels)[told.is_whole]
    )
    judged = _judged(told, fitted.labels, temperature, examples, corpus)
    whole, strays = (
        evaluate.of_rows(judged, np.flatnonzero(rows).tolist())
        for rows in (told.is_whole, told.truth == OUT_OF_SCOPE)
    )
    thresholds = choose_thresholds(
        evaluate.predictions(whole), bounds, evaluate.predictions(strays)
    )
    title_only = evaluate.of_rows(judged, np.flatnonzero(told.is_title_only).tolist())
    weights = pipeline.weights_of(fitted, temperature)
    progress("measure", 1, 1)
    return Trained(
        weights=weights,
        thresholds=thresholds,
        metrics=evaluate.measure(whole, thresholds),
        title_only=evaluate.measure(title_only, thresholds)[evaluate.ALL],
        facts=_facts(entries, examples, bounds, seed),
        curves=evaluate.curves(whole),
    )


def _check(entries: Sequence[Entry], examples: Sequence[Example]) -> None:
    services = {entry.service_id for entry in entries}
    known = services | {OUT_OF_SCOPE}
    labels = labels_of(examples)
    if entries and not labels <= known:
        raise TrainingError(f"not in the catalogue: {', '.join(sorted(labels - known)[:5])}")
    if OUT_OF_SCOPE in services:
        raise TrainingError(f"{OUT_OF_SCOPE!r} is not a service")
    if (
        not any(example.is_sample for example in examples)
        or len(labels | {entry.service_id for entry in entries}) < FEWEST_LABELS
    ):
        raise TrainingError("a model needs examples, and at least three labels")


def fit(corpus: Corpus, chosen: Sequence[Round] = ()) -> pipeline.Fitted:
    """Fit an estimator to a corpus, and answer what each round holds out without it."""
    return pipeline.fit(corpus.texts, corpus.labels, [one.unseen for one in chosen])


@dataclass(frozen=True, slots=True)
class _HeldOut:
    """Examples, each scored by a model that did not see it."""

    rows: Indices
    """Counted among the examples."""
    scores: pipeline.Floats
    truth: NDArray[Any]
    is_title_only: NDArray[np.bool_]
    is_whole: NDArray[np.bool_]
    """Of a round in which all that people ask was held."""


def _held_out(corpus: Corpus, chosen: Sequence[Round], fitted: pipeline.Fitted) -> _HeldOut:
    rows = np.concatenate([one.held for one in chosen])
    answers = zip(chosen, fitted.held_out, strict=True)
    return _HeldOut(
        rows=rows - corpus.titles,
        scores=np.concatenate([told[: len(one.held)] for one, told in answers]),
        truth=corpus.labels[rows],
        is_title_only=np.concatenate([one.is_title_only for one in chosen]),
        is_whole=np.concatenate([np.full(len(one.held), one.is_whole) for one in chosen]),
    )


def _codes(told: _HeldOut, labels: Sequence[str]) -> Indices:
    return np.searchsorted(labels, told.truth.astype(str))


def fit_temperature(scores: pipeline.Floats, truth: Indices) -> float:
    """Return the temperature under which the held-out labels are the most likely."""

    def loss(log_temperature: float) -> float:
        told = pipeline.probabilities(scores, float(np.exp(log_temperature)))
        right = told[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(right, np.finfo(float).tiny)).mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return float(np.exp(found.x))


def _judged(
    told: _HeldOut,
    labels: Sequence[str],
    temperature: float,
    examples: Sequence[Example],
    corpus: Corpus,
) -> Judged:
    rows = told.rows.tolist()
    detected = [corpus.languages[row] for row in rows]
    return Judged(
        labels=labels,
        probabilities=pipeline.probabilities(told.scores, temperature),
        truth=told.truth.tolist(),
        stated=evaluate.stated_languages([examples[row] for row in rows], detected),
        detected=detected,
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
