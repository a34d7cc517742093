"""The second step of training: what the score of one label says for and against the others.

Ridge regression learns each label as if there were no others. Which of two like labels is meant is
told better by both scores together, so logistic regression of all labels learns a matrix that mixes
the scores (stacked generalisation: Wolpert 1992), from the scores of texts that the first step did
not see. The mix of linear scores is linear: it is multiplied into the weights of the terms, and a
model that has it answers, explains and is stored as one without.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]

STEPS = 100
"""So many bring the loss of held-out texts to where twice as many do."""
REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Mix:
    """What labels say for and against each other."""

    departs: Floats
    """From a multiple of the identity: one row a label that says it, one column a label it is
    said of."""
    scale: float
    """How loud each speaks for itself, before what departs."""

    def matrix(self, few: NDArray[np.bool_]) -> Floats:
        """Return what scores are multiplied with to become logarithms of odds.

        Labels of few examples speak for themselves alone: of them nobody learned to say more.
        """
        found = np.where(few, 0.0, self.departs)
        np.fill_diagonal(found, found.diagonal() + self.scale)
        return found

    def lifts(self, few: NDArray[np.bool_]) -> Floats:
        """Return what `matrix` has more, once, if labels of few examples are twice as loud.

        Loud is by how much a label stands above the mean of all.
        """
        labels = len(few)
        return np.where(few, self.scale * (np.identity(labels) - 1 / labels), 0.0)


def mix(scores: Floats, truth: Indices, penalty: float, counts: Floats | None = None) -> Mix:
    """Return by what scores, one row a text, become logarithms of odds.

    The scale is found with what departs from it; the penalty is on the square of what departs,
    beside the sum of the losses of all texts, each counted as `counts` tell. Of a label that no
    text is of nothing can be learned: it speaks for itself alone.
    """
    known, codes = np.unique(truth, return_inverse=True)
    counts = np.ones(len(scores)) if counts is None else counts
    found = np.zeros((scores.shape[1], scores.shape[1]))
    found[np.ix_(known, known)], scale = _learn(scores[:, known], codes, penalty, counts)
    return Mix(found, scale)


def _learn(scores: Floats, truth: Indices, penalty: float, counts: Floats) -> tuple[Floats, float]:
    labels = scores.shape[1]
    rows, identity = np.arange(len(scores)), np.identity(labels)
    scores = np.ascontiguousarray(scores, dtype=np.float32)

    def loss(told: Floats) -> tuple[float, Floats]:
        departs, scale = told[:-1].reshape(labels, labels), told[-1]
        odds = scores @ (departs + scale * identity).astype(np.float32)
        odds -= odds.max(axis=1, keepdims=True)
        right = odds[rows, truth].astype(np.float64)
        shares = np.exp(odds)
        total = shares.sum(axis=1)
        found = counts @ (np.log(total) - right) + penalty * (departs**2).sum()
        shares /= total[:, None]
        shares[rows, truth] -= 1
        shares *= counts[:, None]
        slope = (scores.T @ shares).astype(np.float64)
        slopes = np.r_[(slope + 2 * penalty * departs).ravel(), np.trace(slope)]
        return float(found) / len(scores), slopes / len(scores)

    settings = {"maxiter": STEPS, "maxcor": REMEMBERED}
    begin = np.r_[np.zeros(labels * labels), 1.0]
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options=settings).x
    return found[:-1].reshape(labels, labels), float(found[-1])
