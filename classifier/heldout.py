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
FEW = 12
"""So many held-out answers tell what a label's score says of others. Of fewer it tells the less:
of services with eight examples the first answer is right for 72 % if they speak for themselves
alone and louder, for 50 % as others do; of those with two for 56 and 23 %."""
LOUDEST = 5.0
"""Labels of few examples speak, beside others."""


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
    of_round: Indices
    """By whose model each was answered."""


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
        of_round=np.repeat(np.arange(len(chosen)), [len(one.held) for one in chosen]),
    )


def learn(
    corpus: Corpus, chosen: Sequence[Round], recipe: Recipe
) -> tuple[pipeline.Fitted, HeldOut]:
    """Fit an estimator to a corpus, with both steps where the recipe has two.

    Return it, and the answers to what each round holds out.
    """
    fitted = fit(corpus, chosen, recipe)
    told = held_out(corpus, chosen, fitted)
    if not recipe.stacking:
        return fitted, told
    labels, writers = np.asarray(fitted.labels), corpus.writers[told.rows]
    known, counts = np.unique(corpus.labels[corpus.examples].astype(str), return_counts=True)
    few = ~np.isin(labels, known[counts >= FEW])
    return stacked(fitted, told, writers, few, [np.isin(labels, one.untaught) for one in chosen])


def stacked(
    fitted: pipeline.Fitted,
    told: HeldOut,
    writers: NDArray[Any],
    few: NDArray[np.bool_],
    untaught: Sequence[NDArray[np.bool_]],
) -> tuple[pipeline.Fitted, HeldOut]:
    """Return a fit whose labels speak for and against each other, and its answers.

    The second step learns from answers to what the first did not see, and is held out in its turn:
    a writer is answered by what others taught both. Where some have no others, as of one writer
    alone, nothing could be said of it, and there is no second step.

    `few` tells which labels have few examples or none, `untaught` of each round which had titles
    only. Of these nothing is learned; they speak for themselves alone, and louder.
    """
    codes = np.searchsorted(fitted.labels, told.truth.astype(str))
    counts = pipeline.counts_of(codes, fitted.recipe.evenness)
    _, writer = np.unique(writers.astype(str), return_inverse=True)
    part = np.random.default_rng(len(writer)).integers(FOLDS, size=len(writer))[writer]
    taught = told.is_whole & ~told.is_title_only & ~few[codes]
    if not all((taught & (part != one)).any() for one in np.unique(part)):
        return replace(fitted, recipe=replace(fitted.recipe, stacking=0.0)), told

    def mixed(rows: NDArray[np.bool_]) -> stacking.Mix:
        learned = rows & taught
        return stacking.mix(
            told.scores[learned], codes[learned], fitted.recipe.stacking, counts[learned]
        )

    plain, lifts = np.empty_like(told.scores), np.empty_like(told.scores)
    for one in np.unique(part):
        found = mixed(part != one)
        for of_round, labels in enumerate(untaught):
            rows = (part == one) & (told.of_round == of_round)
            plain[rows] = told.scores[rows] @ found.matrix(few | labels)
            lifts[rows] = told.scores[rows] @ found.lifts(few | labels)
    loudness = fit_loudness(plain[told.is_whole], lifts[told.is_whole], codes[told.is_whole])
    found = mixed(np.full(len(part), True))
    matrix = found.matrix(few) + (loudness - 1) * found.lifts(few)
    coefficients = fitted.coefficients @ matrix.astype(fitted.coefficients.dtype)
    made = replace(fitted, coefficients=coefficients, held_out=())
    return made, replace(told, scores=plain + (loudness - 1) * lifts)


def fit_loudness(plain: pipeline.Floats, lifts: pipeline.Floats, truth: Indices) -> float:
    """Return how loud labels of few examples speak where held-out labels are the most likely.

    They have learned from little, so they score less than others do, whatever is asked. Rounds in
    which some keep their titles only tell by how much: `plain` is what labels score if those are
    as loud as others, `lifts` what they score more if they are twice as loud.
    """
    if not lifts.any():
        return 1.0
    found = minimize_scalar(
        lambda loudness: _loss(plain + (loudness - 1) * lifts, truth, 1.0),
        bounds=(1.0, LOUDEST),
        method="bounded",
    )
    return float(found.x)


def temperature_of(told: HeldOut, labels: Sequence[str]) -> tuple[float, float]:
    """Return the temperature of a model, and its loss, by all that people ask."""
    codes = np.searchsorted(labels, told.truth.astype(str))
    return fit_temperature(told.scores[told.is_whole], codes[told.is_whole])


def fit_temperature(scores: pipeline.Floats, truth: Indices) -> tuple[float, float]:
    """Return the temperature under which the held-out labels are the most likely, and their loss.

    The loss is the mean of minus the logarithm of the probability of what is right.
    """
    found = minimize_scalar(
        lambda log_temperature: _loss(scores, truth, float(np.exp(log_temperature))),
        bounds=tuple(np.log(TEMPERATURES)),
        method="bounded",
    )
    return float(np.exp(found.x)), float(found.fun)


def _loss(scores: pipeline.Floats, truth: Indices, temperature: float) -> float:
    told = pipeline.probabilities(scores, temperature)
    right = told[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(right, np.finfo(float).tiny)).mean())
