"""Training: from titles and examples to a model with measured, calibrated answers."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from classifier import evaluate, pipeline
from classifier.byservice import by_service
from classifier.choice import choose
from classifier.corpus import Corpus, corpus_of
from classifier.domain import (
    OUT_OF_SCOPE,
    Bounds,
    Entry,
    Example,
    choose_thresholds,
)
from classifier.evaluate import Judged
from classifier.examples import labels_of
from classifier.folds import TITLE_ONLY_SHARE, rounds
from classifier.heldout import HeldOut, learn, temperature_of
from classifier.recipe import STANDARD, Recipe
from classifier.text import Mask
from classifier.trained import Trained
from services.chassis import masking
from services.chassis.errors import InvalidError

FEWEST_LABELS = 3

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
    recipes: Sequence[Recipe] = (STANDARD,),
) -> Trained:
    """Train a model on titles and examples, and choose its thresholds on held-out examples.

    Of several recipes, the one that fits these examples is taken.
    """
    entries, examples, bounds = tuple(entries), tuple(examples), bounds or Bounds()
    _check(entries, examples)
    progress("read", 0, 1)
    corpus = corpus_of(entries, examples, mask)
    progress("read", 1, 1)
    recipe, losses = choose(corpus, recipes, seed=seed, progress=progress)
    progress("fit", 0, 1)
    chosen = rounds(corpus, np.random.default_rng(seed), is_ample=recipe.stacking > 0)
    fitted, told = learn(corpus, chosen, recipe)
    progress("fit", 1, 1)
    progress("measure", 0, 1)
    temperature, _ = temperature_of(told, fitted.labels)
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
        facts={**_facts(entries, examples, bounds, seed), "recipe": _made(fitted.recipe, losses)},
        curves=evaluate.curves(whole),
        services=by_service(whole, thresholds),
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


def _judged(
    told: HeldOut,
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
        "examples_with_writer": sum(bool(example.writer) for example in examples),
        "title_only_share": TITLE_ONLY_SHARE,
        "route_error_bound": bounds.route_error,
        "stray_share_bound": bounds.stray_share,
        "confirm_miss_bound": bounds.confirm_miss,
        "fewest_predictions": bounds.fewest,
        "seed": seed,
    }


def _made(recipe: Recipe, losses: Mapping[str, float]) -> Mapping[str, Any]:
    tried = {name: round(loss, 4) for name, loss in losses.items()}
    return {**asdict(recipe), "loss_of_tried": tried}
