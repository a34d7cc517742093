"""What a model does not see, so that it can be measured: whom it is held out with, and how much."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Corpus, Indices
from classifier.domain import OUT_OF_SCOPE

FOLDS = 5
LARGE = 5_000
"""From so many examples on, one fold of five is evidence enough, but for texts out of scope: of
these there are few, and what is promised of them is a small share. They are held out in turn."""
AMPLE = 18_000
"""So many are held out, where as many are wanted: of 15,000 that are held out each in turn, the
answers cost twice as much again as the solution of all."""
TITLE_ONLY_SHARE = 0.1
"""In each fold, so many of the services with examples keep their titles only: citizens also
ask for services without examples, and thresholds chosen as if they did not would promise too
much. A tenth is an assumption about their share of requests; the card says so."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a model does not see, so that it can be measured on some of it."""

    held: Indices
    """The examples that are asked, counted among all texts."""
    starved: Indices
    """The others that are not learned either: their services keep their titles only."""
    is_title_only: NDArray[np.bool_]
    """Of the asked, whether their service kept its titles only."""
    untaught: Sequence[str] = ()
    """Those services."""
    is_whole: bool = True
    """Whether all that people ask is held; else it is only what is out of scope."""

    @property
    def unseen(self) -> Indices:
        """Return all that is not learned."""
        return np.concatenate([self.held, self.starved])


def rounds(corpus: Corpus, random: np.random.Generator, *, is_ample: bool = False) -> list[Round]:
    """Choose what is held out: enough to measure by, or, for a second step to learn from, more."""
    folds = assign_folds(corpus, random)
    count = FOLDS if len(folds) < LARGE else 1
    if is_ample:
        count = max(count, min(FOLDS, FOLDS * AMPLE // len(folds)))
    is_stray = corpus.labels[corpus.examples] == OUT_OF_SCOPE
    whole = [
        _round(corpus, (folds == fold) & corpus.is_sample, _starved(corpus, random))
        for fold in range(count)
    ]
    strays = [
        replace(_round(corpus, (folds == fold) & is_stray, ()), is_whole=False)
        for fold in range(count, FOLDS)
    ]
    return [one for one in (*whole, *strays) if len(one.held)]


def _round(corpus: Corpus, is_held: NDArray[np.bool_], services: Sequence[str]) -> Round:
    is_starved = np.isin(corpus.labels[corpus.examples], services)
    return Round(
        held=corpus.examples[is_held],
        starved=corpus.examples[is_starved & ~is_held],
        is_title_only=is_starved[is_held],
        untaught=services,
    )


def assign_folds(corpus: Corpus, random: np.random.Generator) -> Indices:
    """Deal writers to the folds, so that nobody is judged by own words, whatever they are about.

    Folds are alike: who wrote of several labels goes where these have the fewest texts so far, and
    those of one label are dealt in turn. A label that would have nothing left to learn from is
    never held out: -1.
    """
    labels = corpus.labels[corpus.examples]
    _, label = np.unique(labels.astype(str), return_inverse=True)
    _, writer = np.unique(corpus.writers.astype(str), return_inverse=True)
    order = random.permutation(len(labels))
    order = order[np.argsort(label[order], kind="stable")]
    fold_of = np.full(int(writer.max(initial=-1)) + 1, -1, dtype=np.intp)
    _deal_many(fold_of, writer[order], label[order])
    _deal_in_turn(fold_of, writer[order])
    folds = fold_of[writer]
    for one in set(labels.tolist()) - set(corpus.labels[: corpus.titles].tolist()):
        if len(set(folds[labels == one].tolist())) == 1:
            folds[labels == one] = -1
    return folds


def _deal_many(fold_of: Indices, writer: Indices, label: Indices) -> None:
    """Deal who wrote of several labels, who wrote the most first."""
    by_writer = np.argsort(writer, kind="stable")
    begins = np.searchsorted(writer[by_writer], np.arange(len(fold_of)))
    wrote = np.split(label[by_writer], begins[1:])
    filled = np.zeros((int(label.max(initial=-1)) + 1, FOLDS), dtype=np.intp)
    for one in sorted(range(len(wrote)), key=lambda one: -len(wrote[one])):
        if len(told := np.unique(wrote[one])) > 1:
            fold_of[one] = filled[told].sum(axis=0).argmin()
            np.add.at(filled, (wrote[one], fold_of[one]), 1)


def _deal_in_turn(fold_of: Indices, writer: Indices) -> None:
    """Deal all others, label by label."""
    left = fold_of[writer] < 0
    _, first, same = np.unique(writer[left], return_index=True, return_inverse=True)
    turns = np.empty(len(first), dtype=np.intp)
    turns[np.argsort(first)] = np.arange(len(first))
    fold_of[writer[left]] = turns[same] % FOLDS


def _starved(corpus: Corpus, random: np.random.Generator) -> list[str]:
    """Choose services to keep their titles only, where the catalogue has such services at all."""
    titled = set(corpus.labels[: corpus.titles].tolist())
    shown = set(corpus.labels[corpus.titles :].tolist())
    if titled <= shown:
        return []
    both = sorted(titled & shown)
    return list(random.choice(both, round(len(both) * TITLE_ONLY_SHARE), replace=False))
