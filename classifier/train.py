"""Training: from titles and examples to a model with measured, calibrated answers."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from classifier import evaluate, pipeline
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
from classifier.text import Mask, prepare
from classifier.trained import Trained
from services.chassis import masking
from services.chassis.errors import InvalidError

FOLDS = 5
LARGE = 5_000
LARGE_ROUNDS = 1
"""From so many examples on, one fold of five is evidence enough; each costs a training."""
TITLE_ONLY_SHARE = 0.1
"""In each fold, so many of the services with examples keep their titles only: citizens also
ask for services without examples, and thresholds chosen as if they did not would promise too
much. A tenth is an assumption about their share of requests; the card says so."""
FEWEST_LABELS = 3
TEMPERATURES = (0.01, 10.0)

Progress = Callable[[str, int, int], None]
"""Told the stage, and how many of how many steps are done."""
Indices = NDArray[np.intp]


class TrainingError(InvalidError):
    """The examples do not make a model."""

    reason = "TRAINING"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Training texts, prepared: those of the catalogue first, then the examples."""

    texts: NDArray[Any]
    labels: NDArray[Any]
    writers: NDArray[Any]
    """Of the examples; one that nobody signed has a name of its own."""
    languages: Sequence[Language]
    """Of the examples, as detected."""
    titles: int
    """How many of the texts are titles and descriptions of the catalogue."""

    @property
    def examples(self) -> Indices:
        """Return the rows that are examples."""
        return np.arange(self.titles, len(self.texts))


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
    scores, is_title_only = _held_out_scores(corpus, seed, progress)
    held = np.flatnonzero(~np.isnan(scores).any(axis=1))
    labels = sorted(set(corpus.labels.tolist()))
    truth = corpus.labels[corpus.examples][held]
    temperature = fit_temperature(scores[held], np.searchsorted(labels, truth))
    probabilities = pipeline.probabilities(scores[held], temperature)
    detected = [corpus.languages[row] for row in held.tolist()]
    judged = _judged(labels, probabilities, truth, [examples[row] for row in held], detected)
    thresholds = choose_thresholds(evaluate.predictions(judged), bounds)
    progress("fit", 0, 1)
    weights = pipeline.weights_of(fit(corpus, np.arange(len(corpus.texts)), seed), temperature)
    progress("fit", 1, 1)
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


def corpus_of(entries: Sequence[Entry], examples: Sequence[Example], mask: Mask) -> Corpus:
    """Prepare what is trained on."""
    titles = [
        (text, entry.service_id)
        for entry in entries
        for text in (*entry.titles.values(), *entry.texts)
    ]
    pairs = [*titles, *((example.text, example.label) for example in examples)]
    prepared = [prepare(text, mask=mask) for text, _ in pairs]
    writers = [example.writer or f"#{row}" for row, example in enumerate(examples)]
    return Corpus(
        texts=np.array([one.words for one in prepared], dtype=object),
        labels=np.array([label for _, label in pairs], dtype=object),
        writers=np.array(writers, dtype=object),
        languages=[one.language for one in prepared[len(titles) :]],
        titles=len(titles),
    )


def fit(corpus: Corpus, rows: Indices, seed: int) -> Any:
    """Fit an estimator to some rows of a corpus."""
    estimator = pipeline.build(seed, len(rows))
    return estimator.fit(corpus.texts[rows], corpus.labels[rows].astype(str))


def _held_out_scores(
    corpus: Corpus, seed: int, progress: Progress
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score examples by models that did not see them; rows never held out are NaN."""
    random = np.random.default_rng(seed)
    labels = sorted(set(corpus.labels.tolist()))
    folds = assign_folds(corpus, random)
    scores = np.full((len(folds), len(labels)), np.nan)
    is_title_only = np.zeros(len(folds), dtype=bool)
    rounds = FOLDS if len(folds) < LARGE else LARGE_ROUNDS
    for fold in range(rounds):
        progress("measure", fold, rounds)
        starved = np.isin(corpus.labels, _starved(corpus, random))
        starved[: corpus.titles] = False
        held = folds == fold
        trained = np.r_[np.arange(corpus.titles), corpus.examples[~held]]
        fitted = fit(corpus, trained[~starved[trained]], seed)
        scores[held] = fitted.decision_function(corpus.texts[corpus.examples[held]])
        is_title_only[held] = starved[corpus.examples[held]]
    progress("measure", rounds, rounds)
    return scores, is_title_only


def assign_folds(corpus: Corpus, random: np.random.Generator) -> Indices:
    """Deal the writers of every label to the folds in turn, so that nobody is judged by own words.

    What one writer says of one label is alike and held out together. Folds are alike too, since
    labels are taken one by one. A label that would have nothing left to learn from is never held
    out: -1.
    """
    labels = corpus.labels[corpus.examples]
    rows = random.permutation(len(labels))
    rows = rows[np.argsort(labels[rows].astype(str), kind="stable")]
    _, first, writer = np.unique(
        (labels[rows] + "/" + corpus.writers[rows]).astype(str),
        return_index=True,
        return_inverse=True,
    )
    turns = np.empty(len(first), dtype=np.intp)
    turns[np.argsort(first)] = np.arange(len(first))
    folds = np.empty(len(labels), dtype=np.intp)
    folds[rows] = turns[writer] % FOLDS
    for label in set(labels.tolist()) - set(corpus.labels[: corpus.titles].tolist()):
        if len(set(folds[labels == label].tolist())) == 1:
            folds[labels == label] = -1
    return folds


def _starved(corpus: Corpus, random: np.random.Generator) -> list[str]:
    """Choose services to keep their titles only, where the catalogue has such services at all."""
    titled = set(corpus.labels[: corpus.titles].tolist())
    shown = set(corpus.labels[corpus.titles :].tolist())
    if titled <= shown:
        return []
    both = sorted(titled & shown)
    return list(random.choice(both, round(len(both) * TITLE_ONLY_SHARE), replace=False))


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
