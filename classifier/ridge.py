"""Ridge regression of many labels at once, solved exactly, with the answers to what is held out.

With K the inner products of the texts and p the penalty, weights of the texts are a = (K + pI)⁻¹ Y.
What a model that never saw the texts G would answer them follows from the same solution:
Y_G - ((K + pI)⁻¹_GG)⁻¹ a_G, the block form of the leave-one-out identity (Rasmussen and Williams,
Gaussian Processes for Machine Learning, section 5.4.2). No second training is needed for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, cho_factor, cho_solve, lapack
from scipy.sparse import csr_matrix
from sklearn.linear_model import Ridge

EXACT = 45_000
"""The matrix of so many texts takes 8 GB; beyond, conjugate gradients go one label after the other,
and once more for each group that is held out."""
FREQUENT = 1_000
"""So many columns are multiplied as a dense matrix: of texts, nine tenths of all the products."""
BLOCK = 1_000

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Solved:
    """What was learned, and what models that did not see a group of rows say of them."""

    coefficients: Floats
    """One row a column of the features, one column a label."""
    held_out: Sequence[Floats]
    """Scores, for each group that was asked for."""


def solve(
    features: csr_matrix, targets: Floats, penalty: float, held_out: Sequence[Indices] = ()
) -> Solved:
    """Fit weights to targets, one column a label; also answer each group of rows without it."""
    if len(targets) > EXACT:
        return _approach(features, targets, penalty, held_out)
    last = np.unique(np.concatenate(held_out)) if held_out else np.empty(0, dtype=np.intp)
    order = np.r_[np.setdiff1d(np.arange(len(targets)), last), last]
    features = features[order]
    factor = _factor(features, penalty)
    said = np.asfortranarray(targets[order], dtype=np.float32)
    weights, _ = lapack.spotrs(factor, said, lower=1)
    inverse = _last_of_inverse(factor, len(last))
    del factor
    begin = len(order) - len(last)
    answers = [
        targets[group] - _unsaid(inverse, weights[begin:], np.searchsorted(last, group))
        for group in held_out
    ]
    return Solved(np.asarray(features.T @ np.ascontiguousarray(weights)), answers)


def _approach(
    features: csr_matrix, targets: Floats, penalty: float, held_out: Sequence[Indices]
) -> Solved:
    """Solve step by step, in little memory."""

    def learn(rows: Indices) -> Floats:
        solver = Ridge(alpha=penalty, solver="sparse_cg", tol=1e-2, fit_intercept=False)
        return np.asarray(solver.fit(features[rows], targets[rows]).coef_.T)

    rows = np.arange(len(targets))
    answers = [features[group] @ learn(np.setdiff1d(rows, group)) for group in held_out]
    return Solved(learn(rows), answers)


def gram(features: csr_matrix) -> Floats:
    """Return the inner products of all rows: the lower triangle, in columns as LAPACK wants it.

    Products of sparse rows cost a step for each term that two texts share, and nine in ten of
    these are of the few terms that are in many texts: these are multiplied as a dense matrix.
    """
    by_frequency = np.argsort(-np.bincount(features.indices, minlength=features.shape[1]))
    columns = features.tocsc()
    frequent = columns[:, by_frequency[:FREQUENT]].toarray().astype(np.float32)
    found: Floats = blas.ssyrk(1.0, frequent.T, trans=1, lower=1)
    rest = columns[:, by_frequency[FREQUENT:]].tocsr()
    turned = rest.T.tocsr()
    for begin in range(0, len(found), BLOCK):
        end = begin + BLOCK
        found[begin:, begin:end] += (rest[begin:] @ turned[:, begin:end]).toarray()
    return found


def _factor(features: csr_matrix, penalty: float) -> Floats:
    """Return the lower Cholesky factor, in the memory of the matrix itself."""
    products = gram(features)
    products[np.diag_indices_from(products)] += penalty
    factor, failed = lapack.spotrf(products, lower=1, clean=0, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the matrix of the texts is not positive definite")
    return np.asarray(factor)


def _last_of_inverse(factor: Floats, count: int) -> Floats:
    """Return the last rows and columns of the inverse; the rest is not computed."""
    if not count:
        return np.empty((0, 0), dtype=np.float32)
    block = np.array(factor[-count:, -count:], order="F")
    inverse, _ = lapack.spotri(block, lower=1, overwrite_c=1)
    for begin in range(0, count, BLOCK):  # in its place: a copy of 18,000 rows takes 1.3 GB
        end = begin + BLOCK
        inverse[begin:end, end:] = inverse[end:, begin:end].T
        own = np.tril(inverse[begin:end, begin:end])
        inverse[begin:end, begin:end] = own + np.tril(own, -1).T
    return np.asarray(inverse)


def _unsaid(inverse: Floats, weights: Floats, group: Indices) -> Floats:
    """Return what the targets of a group add to the answers of a model that saw them not."""
    own = cho_factor(inverse[np.ix_(group, group)], lower=True, overwrite_a=True)
    return np.asarray(cho_solve(own, weights[group]))
