"""How good a model is, by language: accuracy, coverage at the thresholds, calibration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.domain import (
    CONFIRM_CHOICES,
    OUT_OF_SCOPE,
    Example,
    Language,
    Prediction,
    ThresholdTable,
)
from classifier.pipeline import Floats, Model
from classifier.text import Mask, prepare

ALL = "all"
CALIBRATION_BINS = 10
CURVE_POINTS = 20


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured on a set of labelled texts; shares are between 0 and 1."""

    count: int
    top1: float
    """The best label is right; out of scope counts as a label."""
    top3: float
    """The right label is among the best three."""
    routed: float
    """Share that may be routed by itself."""
    routed_error: float
    """Share of the routed whose service is wrong."""
    offered: float
    """Share below the first threshold and at or above the second: offered for confirmation."""
    offered_miss: float
    """Share of the offered whose right service is not among the three choices."""
    calibration_error: float
    """Expected calibration error of the best label, in ten bins."""
    brier: float
    """Brier score of all labels: 0 for certainty of the right one, 2 for that of a wrong one."""

    @property
    def left(self) -> float:
        """Return the share that is left to people: neither routed nor offered."""
        return 1.0 - self.routed - self.offered

    def as_json(self) -> dict[str, float]:
        """Return the numbers, rounded as far as they mean something."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Point:
    """If so many texts were routed, the surest first: from which probability on, and how wrong."""

    coverage: float
    threshold: float
    risk: float
    """Share of them whose service is wrong."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Texts with the probabilities a model gave them, and the truth."""

    labels: Sequence[str]
    probabilities: Floats
    truth: Sequence[str]
    stated: Sequence[str]
    """The languages that metrics are told by."""
    detected: Sequence[Language]
    """The languages that thresholds are taken by."""


def evaluate(
    model: Model, thresholds: ThresholdTable, examples: Sequence[Example], *, mask: Mask
) -> Mapping[str, Metrics]:
    """Measure a model on labelled texts it was not trained on."""
    return measure(judge(model, examples, mask=mask), thresholds)


def judge(model: Model, examples: Sequence[Example], *, mask: Mask) -> Judged:
    """Let a model answer labelled texts."""
    prepared = [prepare(one.text, mask=mask) for one in examples]
    probabilities = model.probabilities([one.words for one in prepared])
    detected = [one.language for one in prepared]
    return Judged(
        labels=model.labels,
        probabilities=probabilities,
        truth=[one.label for one in examples],
        stated=stated_languages(examples, detected),
        detected=detected,
    )


def together(parts: Sequence[Judged]) -> Judged:
    """Return texts that were answered in several turns by one model as if in one."""
    return Judged(
        labels=parts[0].labels,
        probabilities=np.concatenate([one.probabilities for one in parts]),
        truth=[label for one in parts for label in one.truth],
        stated=[language for one in parts for language in one.stated],
        detected=[language for one in parts for language in one.detected],
    )


def stated_languages(examples: Sequence[Example], detected: Sequence[Language]) -> list[str]:
    """Return the language each writer stated, or the detected one."""
    return [one.language or told.value for one, told in zip(examples, detected, strict=True)]


def predictions(judged: Judged) -> list[Prediction]:
    """Return for each text what its best services are worth."""
    services = np.array([label != OUT_OF_SCOPE for label in judged.labels])
    among = np.where(services, judged.probabilities, -1.0)
    best = np.argsort(-among, axis=1, kind="stable")[:, :CONFIRM_CHOICES]
    return [
        Prediction(
            language=judged.detected[row],
            probability=float(among[row, columns[0]]),
            is_right=judged.labels[columns[0]] == judged.truth[row],
            is_offered=judged.truth[row] in {judged.labels[column] for column in columns},
            is_stray=judged.truth[row] == OUT_OF_SCOPE,
            out_of_scope=float(judged.probabilities[row][~services].sum()),
        )
        for row, columns in enumerate(best)
    ]


def is_routed(told: Prediction, thresholds: ThresholdTable) -> bool:
    """Tell whether a text goes to its best service by itself."""
    own = thresholds.of(told.language).of_text(told.out_of_scope)
    return told.probability >= own.route


def measure(judged: Judged, thresholds: ThresholdTable) -> Mapping[str, Metrics]:
    """Return metrics of all texts, and of each language."""
    told = predictions(judged)
    routed = _flags(is_routed(one, thresholds) for one in told)
    offered = ~routed & _flags(
        one.probability >= thresholds.of(one.language).confirm for one in told
    )
    stated = np.asarray(judged.stated)
    rows = {ALL: np.ones(len(told), dtype=bool)}
    rows |= {language: stated == language for language in sorted(set(judged.stated))}
    return {
        name: _metrics(judged, told, routed & chosen, offered & chosen, chosen)
        for name, chosen in rows.items()
    }


def _metrics(
    judged: Judged, told: Sequence[Prediction], routed: Any, offered: Any, chosen: Any
) -> Metrics:
    right = hits(judged)
    confidence = judged.probabilities.max(axis=1)
    return Metrics(
        count=int(chosen.sum()),
        top1=_mean(right[chosen, 0]),
        top3=_mean(right[chosen].any(axis=1)),
        routed=_mean(routed[chosen]),
        routed_error=_failed(told, routed, lambda one: one.is_right),
        offered=_mean(offered[chosen]),
        offered_miss=_failed(told, offered, lambda one: one.is_offered),
        calibration_error=_calibration_error(confidence[chosen], right[chosen, 0]),
        brier=_mean(_brier(judged)[chosen]),
    )


def hits(judged: Judged) -> NDArray[np.bool_]:
    """Tell of each text which of its best three labels is right."""
    best = np.argsort(-judged.probabilities, axis=1, kind="stable")[:, :CONFIRM_CHOICES]
    return np.asarray(np.asarray(judged.labels)[best] == np.asarray(judged.truth)[:, None])


def of_rows(judged: Judged, rows: Sequence[int]) -> Judged:
    """Return some of the texts."""
    return Judged(
        judged.labels,
        judged.probabilities[list(rows)],
        [judged.truth[row] for row in rows],
        [judged.stated[row] for row in rows],
        [judged.detected[row] for row in rows],
    )


def curves(judged: Judged) -> Mapping[str, Sequence[Point]]:
    """Return the risk–coverage curve of all texts, and of each language."""
    told = predictions(judged)
    by_language = {
        language: [
            one for one, stated in zip(told, judged.stated, strict=True) if stated == language
        ]
        for language in sorted(set(judged.stated))
    }
    return {name: _curve(some) for name, some in {ALL: told, **by_language}.items() if some}


def _curve(told: Sequence[Prediction]) -> list[Point]:
    """Texts of one probability are routed together or not at all, as by a threshold."""
    ranked = sorted(told, key=lambda one: -one.probability)
    wrong = np.cumsum([not one.is_right for one in ranked])
    points: list[Point] = []
    for step in range(1, CURVE_POINTS + 1):
        count = max(1, round(step * len(ranked) / CURVE_POINTS))
        threshold = ranked[count - 1].probability
        while count < len(ranked) and ranked[count].probability == threshold:
            count += 1
        point = Point(count / len(ranked), threshold, float(wrong[count - 1] / count))
        if not points or points[-1] != point:
            points.append(point)
    return points


def _brier(judged: Judged) -> Floats:
    """Return for each text the squared distance between promise and truth."""
    columns = {label: column for column, label in enumerate(judged.labels)}
    truth = np.array([columns.get(label, -1) for label in judged.truth], dtype=np.intp)
    given = judged.probabilities[np.arange(len(truth)), truth]
    scores = (judged.probabilities**2).sum(axis=1) + 1 - 2 * np.where(truth < 0, 0.0, given)
    return np.asarray(scores)


def _flags(values: Iterable[bool]) -> NDArray[np.bool_]:
    return np.fromiter(values, dtype=bool)


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _failed(
    told: Sequence[Prediction], chosen: Any, is_good: Callable[[Prediction], bool]
) -> float:
    return _mean([not is_good(told[row]) for row in np.flatnonzero(chosen).tolist()])


def _calibration_error(confidence: Floats, hits: Any) -> float:
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [
        np.mean(bins == one) * abs(_mean(confidence[bins == one]) - _mean(hits[bins == one]))
        for one in np.unique(bins)
    ]
    return float(sum(gaps))
