"""What the classifier does: one function per message that reaches it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from classifier.artifact.layout import Stored
from classifier.domain import (
    MAX_SUGGESTIONS,
    OUT_OF_SCOPE,
    Classification,
    Suggestion,
)
from classifier.emergency import bundled
from classifier.pipeline import Floats
from classifier.text import Mask, Prepared, prepare


class Models(Protocol):
    """The model that answers now."""

    def current(self) -> Stored:
        """Return the live model; raises NoModelError where there is none."""


def classify(texts: Sequence[str], *, models: Models, mask: Mask) -> list[Classification]:
    """Tell of each text which services it may speak of; one computation for all."""
    stored = models.current()
    prepared = [prepare(text, mask=mask) for text in texts]
    emergencies = [bundled().find(one) for one in prepared]
    rows = stored.model.probabilities([one.words for one in prepared])
    return [
        replace(_told(stored, one, row), emergency=emergency)
        for one, row, emergency in zip(prepared, rows, emergencies, strict=True)
    ]


def _told(stored: Stored, prepared: Prepared, probabilities: Floats) -> Classification:
    labels = stored.model.labels
    # One more than is suggested, as out of scope may be among the best.
    best = (-probabilities).argsort(kind="stable")[: MAX_SUGGESTIONS + 1]
    suggestions = [
        Suggestion(labels[column], float(probabilities[column]))
        for column in best
        if labels[column] != OUT_OF_SCOPE
    ]
    return Classification(
        language=prepared.language,
        suggestions=suggestions[:MAX_SUGGESTIONS],
        out_of_scope=_out_of_scope(labels, probabilities),
        thresholds=stored.thresholds.of(prepared.language),
        model=stored.id,
    )


def _out_of_scope(labels: Sequence[str], probabilities: Floats) -> float:
    return float(probabilities[labels.index(OUT_OF_SCOPE)]) if OUT_OF_SCOPE in labels else 0.0
