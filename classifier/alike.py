"""Texts that are the same, word for word, as one row that counts as often as they came.

People who ask often use the words of others before them: of the appeals to a city portal, three in
ten. The answer is the same to the last digit as with a row for each; time grows with the cube of
the rows, and a third of them costs two thirds of the time.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array

from classifier import ridge
from classifier.ridge import Floats, Indices, Solved


def solve(
    texts: Sequence[str] | NDArray[np.object_],
    features: csr_matrix,
    targets: Floats,
    penalty: float,
    held_out: Sequence[Indices] = (),
    *,
    counts: Floats | None = None,
) -> Solved:
    """Do what `ridge.solve` does, with one row for all texts that are alike and held out together.

    Rows that count n times are √n times as long, and so are their targets, the mean of all.
    `counts` tell as how many a text counts, where not each counts as one.
    """
    first, place = _merged(texts, held_out)
    if counts is None and len(first) == len(targets):
        return ridge.solve(features, targets, penalty, held_out)
    times = np.ones(len(targets)) if counts is None else counts
    length = np.sqrt(np.bincount(place, times)).astype(np.float32)
    members = csr_matrix((times.astype(np.float32), (place, np.arange(len(place)))))
    solved = ridge.solve(
        csr_matrix(diags_array(length) @ features[first]),
        np.asarray(members @ targets) / length[:, None],
        penalty,
        groups := [np.unique(place[group]) for group in held_out],
    )
    answers = [
        (told / length[rows, None])[np.searchsorted(rows, place[group])]
        for told, rows, group in zip(solved.held_out, groups, held_out, strict=True)
    ]
    return Solved(solved.coefficients, answers)


def _merged(texts: Any, held_out: Sequence[Indices]) -> tuple[Indices, Indices]:
    """Return the first of all texts that are one row, and of each text the place of its row."""
    together = np.zeros(len(texts), dtype=np.int64)
    for bit, group in enumerate(held_out):
        together[group] |= 1 << bit
    places: dict[tuple[str, int], int] = {}
    pairs = zip(texts, together.tolist(), strict=True)
    place = np.array([places.setdefault(pair, len(places)) for pair in pairs], dtype=np.intp)
    return np.unique(place, return_index=True)[1], place
