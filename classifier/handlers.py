"""What the classifier does: one function per message that reaches it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from scipy.sparse import csr_matrix

from classifier import explain
from classifier.artifact.layout import Stored
from classifier.domain import (
    MAX_SUGGESTIONS,
    OUT_OF_SCOPE,
    Classification,
    Grounds,
    Suggestion,
)
from classifier.emergency import bundled
from classifier.pipeline import Floats
from classifier.text import Mask, Prepared, prepare


class Models(Protocol):
    """The model that answers now."""

    def current(self) -> Stored:
        """Return the live model; raises NoModelError where there is none."""


def classify(
    texts: Sequence[str],
    *,
    models: Models,
    mask: Mask,
    explained: Sequence[int] = (),
    alerted: Collection[int] | None = None,
) -> list[Classification]:
    """Tell of each text which services it may speak of; one computation for all.

    Of the texts at the places `explained` it is told why, too; that takes half as long again. At
    the places `alerted`, or everywhere, it is told whether they speak of an emergency.
    """
    stored = models.current()
    if not texts:
        return []
    prepared = [prepare(text, mask=mask) for text in texts]
    rows = stored.model.features.of([one.words for one in prepared])
    told = stored.model.probabilities_of(rows)
    ranked = [_services(stored.model.labels, row) for row in told]
    why = _grounds(stored, prepared, rows, ranked, explained) if explained else {}
    unknown = stored.model.features.unknown_shares([one.words for one in prepared])
    places = range(len(texts)) if alerted is None else alerted
    urgent = {place: bundled().find(prepared[place]) for place in places}
    return [
        replace(
            _told(stored, *one, unknown=unknown[place]),
            grounds=why.get(place),
            emergency=urgent.get(place),
        )
        for place, one in enumerate(zip(prepared, told, ranked, strict=True))
    ]


def _grounds(
    stored: Stored,
    prepared: Sequence[Prepared],
    rows: Sequence[csr_matrix],
    ranked: Sequence[Sequence[int]],
    explained: Sequence[int],
) -> Mapping[int, Grounds | None]:
    """Tell why of the texts at these places."""
    told = explain.grounds(
        stored.model,
        [prepared[place] for place in explained],
        [part[list(explained)] for part in rows],
        [ranked[place] for place in explained],
    )
    return dict(zip(explained, told, strict=True))


def _services(labels: Sequence[str], probabilities: Floats) -> list[int]:
    """Return the columns of the best services, best first."""
    # One more than is suggested, as out of scope may be among the best.
    best = (-probabilities).argsort(kind="stable")[: MAX_SUGGESTIONS + 1].tolist()
    return [column for column in best if labels[column] != OUT_OF_SCOPE][:MAX_SUGGESTIONS]


def _told(
    stored: Stored,
    prepared: Prepared,
    probabilities: Floats,
    ranked: Sequence[int],
    *,
    unknown: float,
) -> Classification:
    labels = stored.model.labels
    out_of_scope = _out_of_scope(labels, probabilities)
    return Classification(
        language=prepared.language,
        suggestions=[Suggestion(labels[column], float(probabilities[column])) for column in ranked],
        out_of_scope=out_of_scope,
        thresholds=stored.thresholds.of(prepared.language).of_text(out_of_scope),
        model=stored.id,
        text_length=len(prepared.text),
        unknown_share=unknown,
    )


def _out_of_scope(labels: Sequence[str], probabilities: Floats) -> float:
    return float(probabilities[labels.index(OUT_OF_SCOPE)]) if OUT_OF_SCOPE in labels else 0.0
