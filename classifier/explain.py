"""Why the model chose: what each word of the citizen's own text said, exactly.

The model is linear and has no intercept, so the lead of one label over another is a sum over the
terms of the text. The part of a term that occurs several times is shared among its places, the
part of a pair of words between both; what is added up over all words is the lead itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from classifier.condense import Condensed
from classifier.domain import MAX_GROUNDS, OUT_OF_SCOPE, Grounds, Spoke
from classifier.features import Numbers, Places
from classifier.pipeline import Floats, Model
from classifier.text import Mask, Prepared, prepare


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one label leads another."""

    text: str
    """What the offsets count in: composed and masked."""
    label: str
    against: str
    lead: float
    """The sum of all words' weights; over the temperature, the logarithm of the odds."""
    words: Sequence[Spoke]


def explain(
    model: Model, text: str, *, mask: Mask, label: str = "", against: str = ""
) -> Explanation:
    """Tell why a label leads another: without their names, the best two services."""
    prepared = prepare(text, mask=mask)
    features = model.features.of([prepared.words])
    scores = model.scores_of(features)[0]
    best = [
        column for column in (-scores).argsort(kind="stable") if _is_service(model.labels[column])
    ]
    chosen = model.labels.index(label) if label else int(best[0])
    other = model.labels.index(against) if against else int(next(c for c in best if c != chosen))
    (weights,) = spoken(model, [prepared], features, [(chosen, other)])
    return Explanation(
        text=prepared.text,
        label=model.labels[chosen],
        against=model.labels[other],
        lead=float(scores[chosen] - scores[other]),
        words=_spoke(prepared, weights),
    )


def grounds(
    model: Model,
    texts: Sequence[Prepared],
    features: Sequence[csr_matrix],
    ranked: Sequence[Sequence[int]],
) -> list[Grounds | None]:
    """Tell of each text which words spoke the loudest for its best service against the runner-up.

    `ranked` are the columns of the services of each text, best first.
    """
    if not texts or any(len(columns) < 2 for columns in ranked):
        return [None] * len(texts)
    pairs = [(columns[0], columns[1]) for columns in ranked]
    weights = spoken(model, texts, features, pairs)
    return [
        Grounds(model.labels[chosen], model.labels[other], _loudest(_spoke(one, said)))
        for one, said, (chosen, other) in zip(texts, weights, pairs, strict=True)
    ]


def _spoke(prepared: Prepared, weights: Floats) -> list[Spoke]:
    return [
        Spoke(start, end, weight)
        for (start, end), weight in zip(prepared.spans, weights.tolist(), strict=True)
    ]


def _loudest(words: Sequence[Spoke]) -> Sequence[Spoke]:
    spoke = [word for word in words if word.weight]
    return sorted(spoke, key=lambda word: -abs(word.weight))[:MAX_GROUNDS]


def _is_service(label: str) -> bool:
    return label != OUT_OF_SCOPE


def spoken(
    model: Model,
    texts: Sequence[Prepared],
    features: Sequence[csr_matrix],
    pairs: Sequence[tuple[int, int]],
) -> list[Floats]:
    """Tell of many texts at once how much each word spoke for one label against another.

    `pairs` holds the columns of both labels of each text.
    """
    counts = np.array([len(one.words.split()) for one in texts], dtype=np.int64)
    said: Floats = np.zeros(counts.sum())
    owners = np.repeat(np.arange(len(texts)), counts)
    places = model.features.places([one.words for one in texts])
    labels = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    for rows, told, table in zip(features, places, model.weights.tables, strict=True):
        said = said + _said(rows, told, owners, table.coefficients, labels)
    return np.split(said, np.cumsum(counts)[:-1])


def _said(
    rows: csr_matrix, places: Places, owners: Numbers, weights: Condensed, labels: Numbers
) -> Floats:
    """Share what each term of one table says among the words it lies in."""
    rows.sort_indices()
    texts, width = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr)), rows.shape[1]
    term = np.searchsorted(
        texts * width + rows.indices, owners[places.words] * width + places.columns
    )
    chosen, other = labels[:, texts]
    leads = weights.leads(rows.indices, chosen, other)
    times = np.bincount(term, minlength=rows.nnz)
    shares = (rows.data * leads / np.maximum(times, 1))[term]
    return np.bincount(places.words, weights=shares, minlength=len(owners)).astype(np.float64)
