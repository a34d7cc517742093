"""What models answer to examples that they did not see, and how sure one may be of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from classifier import pipeline, stacking
from classifier.corpus import Corpus, Indices
from classifier.folds import FOLDS, Round
from classifier.recipe import STANDARD, Recipe

TEMPERATURES = (0.01, 10.0)


def fit(corpus: Corpus, chosen: Sequence[Round] = (), recipe: Recipe = STANDARD) -> pipeline.Fitted:
    """Fit an estimator to a corpus, and answer what each round holds out without it."""
    return pipeline.fit(corpus.texts, corpus.labels, [one.unseen for one in chosen], recipe)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Examples, each scored by a model that did not see it."""

    rows: Indices
    """Counted among the examples."""
    scores: pipeline.Floats
    truth: NDArray[Any]
    is_title_only: NDArray[np.bool_]
    is_whole: NDArray[np.bool_]
    """Of a round in which all that people ask was held."""


def held_out(corpus: Corpus, chosen: Sequence[Round], fitted: pipeline.Fitted) -> HeldOut:
    """Return the answers of a fit to all that its rounds held out."""
    rows = np.concatenate([one.held for one in chosen])
    answers = zip(chosen, fitted.held_out, strict=True)
    return HeldOut(
        rows=rows - corpus.titles,
        scores=np.concatenate([told[: len(one.held)] for one, told in answers]),
        truth=corpus.labels[rows],
        is_title_only=np.concatenate([one.is_title_only for one in chosen]),
        is_whole=np.concatenate([np.full(len(one.held), one.is_whole) for one in chosen]),
    )


def learn(
    corpus: Corpus, chosen: Sequence[Round], recipe: Recipe
) -> tuple[pipeline.Fitted, HeldOut]:
    """Fit an estimator to a corpus, with both steps where the recipe has two.

    Return it, and the answers to what each round holds out.
    """
    fitted = fit(corpus, chosen, recipe)
    told = held_out(corpus, chosen, fitted)
    return stacked(fitted, told, corpus.writers[told.rows]) if recipe.stacking else (fitted, told)


def stacked(
    fitted: pipeline.Fitted, told: HeldOut, writers: NDArray[Any]
) -> tuple[pipeline.Fitted, HeldOut]:
    """Return a fit whose labels speak for and against each other, and its answers.

    The second step learns from answers to what the first did not see, and is held out in its turn:
    a writer is answered by what others taught both. Where some have no others, as of one writer
    alone, nothing could be said of it, and there is no second step.
    """
    codes = np.searchsorted(fitted.labels, told.truth.astype(str))
    counts = pipeline.counts_of(codes, fitted.recipe.evenness)
    _, writer = np.unique(writers.astype(str), return_inverse=True)
    part = np.random.default_rng(len(writer)).integers(FOLDS, size=len(writer))[writer]
    taught = told.is_whole & ~told.is_title_only
    if not all((taught & (part != one)).any() for one in np.unique(part)):
        return replace(fitted, recipe=replace(fitted.recipe, stacking=0.0)), told

    def mixed(rows: NDArray[np.bool_]) -> pipeline.Floats:
        learned = rows & taught
        return stacking.mix(
            told.scores[learned], codes[learned], fitted.recipe.stacking, counts[learned]
        )

    scores = np.empty_like(told.scores)
    for one in np.unique(part):
        scores[part == one] = told.scores[part == one] @ mixed(part != one)
    mix = mixed(np.full(len(part), True)).astype(fitted.coefficients.dtype)
    whole = replace(fitted, coefficients=fitted.coefficients @ mix, held_out=())
    return whole, replace(told, scores=scores)


def temperature_of(told: HeldOut, labels: Sequence[str]) -> tuple[float, float]:
    """Return the temperature of a model, and its loss, by all that people ask."""
    codes = np.searchsorted(labels, told.truth.astype(str))
    return fit_temperature(told.scores[told.is_whole], codes[told.is_whole])


def fit_temperature(scores: pipeline.Floats, truth: Indices) -> tuple[float, float]:
    """Return the temperature under which the held-out labels are the most likely, and their loss.

    The loss is the mean of minus the logarithm of the probability of what is right.
    """

    def loss(log_temperature: float) -> float:
        told = pipeline.probabilities(scores, float(np.exp(log_temperature)))
        right = told[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(right, np.finfo(float).tiny)).mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return float(np.exp(found.x)), float(found.fun)
