"""Why the model chose: what each word of the citizen's own text said, exactly.

The model is linear and has no intercept, so the lead of one label over another is a sum over the
terms of the text. The part of a term that occurs several times is shared among its places, the
part of a pair of words between both; what is added up over all words is the lead itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from classifier.condense import Coefficients, dense
from classifier.domain import OUT_OF_SCOPE
from classifier.pipeline import Floats, Model
from classifier.text import Mask, Prepared, prepare


@dataclass(frozen=True, slots=True)
class Spoke:
    """A word of the text, and how much it spoke for the chosen label; below 0: against it."""

    start: int
    """Offset of its first character in the composed (NFC), masked text."""
    end: int
    """Offset behind its last character."""
    weight: float


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
    scores = model.scores([prepared.words])[0]
    best = [
        column for column in (-scores).argsort(kind="stable") if _is_service(model.labels[column])
    ]
    chosen = model.labels.index(label) if label else int(best[0])
    other = model.labels.index(against) if against else int(next(c for c in best if c != chosen))
    weights = _weights(model, prepared, chosen, other)
    spoke = [
        Spoke(start, end, float(weight))
        for (start, end), weight in zip(prepared.spans, weights, strict=True)
    ]
    return Explanation(
        text=prepared.text,
        label=model.labels[chosen],
        against=model.labels[other],
        lead=float(scores[chosen] - scores[other]),
        words=spoke,
    )


def _is_service(label: str) -> bool:
    return label != OUT_OF_SCOPE


def _weights(model: Model, prepared: Prepared, chosen: int, other: int) -> Floats:
    leads = [
        _leads(row, said, chosen, other)
        for row, said in zip(model.features.of([prepared.words]), model.coefficients, strict=True)
    ]
    places = list(model.features.places(prepared.words))
    times = Counter((table, column) for table, column, _ in places)
    weights = np.zeros(len(prepared.spans))
    for table, column, words in places:
        for word in words:
            weights[word] += leads[table][column] / times[table, column] / len(words)
    return weights


def _leads(row: csr_matrix, said: Coefficients, chosen: int, other: int) -> Mapping[int, float]:
    """Return what each term of a text gives the chosen label before the other."""
    both = dense(said[row.indices][:, [chosen, other]])
    leads = row.data * (both[:, 0] - both[:, 1])
    return dict(zip(row.indices.tolist(), leads.tolist(), strict=True))
