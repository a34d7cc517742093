"""Which recipe fits: the one whose answers to examples it did not see are the most likely."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from classifier.corpus import Corpus
from classifier.folds import rounds
from classifier.heldout import learn, temperature_of
from classifier.recipe import Recipe

SAMPLE = 8_000
"""So many examples tell which recipe fits; each is tried on them in seconds, and learns from all
only when it is chosen."""


def choose(
    corpus: Corpus,
    recipes: Sequence[Recipe],
    *,
    seed: int,
    progress: Callable[[str, int, int], None],
) -> tuple[Recipe, Mapping[str, float]]:
    """Return the recipe that fits, and the loss of each; where there is but one, none is tried."""
    if len(recipes) == 1:
        return recipes[0], {}
    random = np.random.default_rng(seed)
    part = corpus.sample(SAMPLE, random)
    is_ample = any(one.stacking for one in recipes)
    chosen = [one for one in rounds(part, random, is_ample=is_ample) if one.is_whole]
    losses: dict[str, float] = {}
    for count, recipe in enumerate(recipes):
        progress("choose", count, len(recipes))
        fitted, told = learn(part, chosen, recipe)
        _, losses[recipe.name] = temperature_of(told, fitted.labels)
    progress("choose", len(recipes), len(recipes))
    return min(recipes, key=lambda one: losses[one.name]), losses
