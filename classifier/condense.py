"""Weights as few bytes: what says little is left out, and the rest is rounded to 255 steps.

Rounding costs nothing that can be measured (69.5 % of best labels right before and after). They
stay few bytes while they answer: a text has a few hundred of the terms, and to turn the steps of
those alone into numbers takes no longer than to multiply by numbers kept ready.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

STEPS = 127
"""On either side of zero."""

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """What terms say of every label: a dense matrix with one row a term, one column a label."""

    steps: Array
    """8-bit integers, of that shape."""
    scales: Array
    """What a step is worth, one number a row."""

    def said_of(self, texts: csr_matrix) -> Array:
        """Return what these terms say of texts: `texts` times this matrix.

        `texts` has one row a text and one column a term; what is returned has one column a label.
        """
        told = texts.data * self.scales[texts.indices]
        added = np.empty((texts.shape[0], self.steps.shape[1]), dtype=np.float32)
        # One text at a time: what its rows become stays in the processor's cache.
        for text, (begin, end) in enumerate(pairwise(texts.indptr.tolist())):
            rows = self.steps[texts.indices[begin:end]].astype(np.float32)
            np.matmul(told[begin:end], rows, out=added[text])
        return added

    def leads(self, terms: Array, labels: Array, others: Array) -> Array:
        """Return by how much each of these terms speaks louder for one label than for another."""
        steps = self.steps[terms, labels].astype(np.int16) - self.steps[terms, others]
        return np.asarray(steps * self.scales[terms])


@dataclass(frozen=True, slots=True)
class Entries:
    """What terms say of the few labels they say anything of: a matrix in the form of CSR."""

    labels: int
    """How many columns there are."""
    steps: Array
    """8-bit integers, one an entry, row by row."""
    columns: Array
    """Of each entry."""
    ends: Array
    """Where each row ends, from 0 on."""
    scales: Array
    """What a step is worth, one number a row."""

    def said_of(self, texts: csr_matrix) -> Array:
        """Return what these terms say of texts, as `Rows` do."""
        told = texts.data * self.scales[texts.indices]
        rows = np.repeat(np.arange(texts.shape[0]), np.diff(texts.indptr))
        places, owners = self._of(texts.indices)
        added = np.bincount(
            rows[owners] * self.labels + self.columns[places],
            weights=told[owners] * self.steps[places],
            minlength=texts.shape[0] * self.labels,
        )
        return added.reshape(-1, self.labels)

    def leads(self, terms: Array, labels: Array, others: Array) -> Array:
        """Return by how much each of these terms speaks louder for one label, as `Rows` do."""
        places, owners = self._of(terms)
        columns = self.columns[places]
        sides = (columns == labels[owners]).astype(np.int8) - (columns == others[owners])
        steps = np.bincount(owners, self.steps[places] * sides, minlength=len(terms))
        return np.asarray(steps * self.scales[terms])

    def _of(self, terms: Array) -> tuple[Array, Array]:
        """Return the places of all entries of these terms, and the term's place for each."""
        begins = self.ends[terms]
        counts = self.ends[terms + 1] - begins
        owners = np.repeat(np.arange(len(terms)), counts)
        passed = np.cumsum(counts) - counts
        return np.arange(len(owners)) + (begins - passed)[owners], owners


Condensed: TypeAlias = Rows | Entries


def condense(learned: Array, idf: Array, most: int) -> tuple[Array, Rows]:
    """Keep the rows of the terms that say the most, all told; return which, and their weights."""
    rows = np.arange(len(learned))
    if len(learned) > most:
        said = (learned**2).sum(axis=1) * idf**2 * frequency(idf)
        rows = np.sort(np.argpartition(-said, most)[:most])
    kept = learned[rows]
    scales = _scales(np.abs(kept).max(axis=1, initial=0.0))
    return rows, Rows(_steps(kept, scales[:, None]), scales)


def condense_sparse(learned: Array, idf: Array, most: int) -> tuple[Array, Entries]:
    """Keep the entries that say the most where their term occurs, and the rows that have any."""
    said = np.abs(learned) * idf[:, None]
    least = 0.0 if said.size <= most else np.partition(said, -most, axis=None)[-most]
    kept = said > least
    rows = np.flatnonzero(kept.any(axis=1))
    found = csr_matrix(np.where(kept[rows], learned[rows], 0))
    scales = _scales(abs(found).max(axis=1).toarray().ravel())
    steps = _steps(found.data, np.repeat(scales, np.diff(found.indptr)))
    columns, ends = found.indices.astype(np.uint16), found.indptr.astype(np.int32)
    return rows, Entries(learned.shape[1], steps, columns, ends, scales)


def frequency(idf: Array) -> Array:
    """Return how often terms occur beside each other, of scikit-learn's smooth idf."""
    return np.exp(1.0 - idf)


def _scales(largest: Array) -> Array:
    return np.maximum(largest / STEPS, np.finfo(np.float32).tiny).astype(np.float32)


def _steps(values: Array, scales: Array) -> Array:
    return np.rint(values / scales).astype(np.int8)
