"""How good a model is for each service: what becomes of its texts, and whose come to it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from classifier.domain import OUT_OF_SCOPE, ThresholdTable
from classifier.evaluate import Judged, hits, is_routed, predictions

MOST_SERVICES = 5_000
"""So many are told of, the weakest first: a card stays a file that people and programs open."""


@dataclass(frozen=True, slots=True)
class ServiceMetrics:
    """What was measured on the texts of one service; shares are between 0 and 1."""

    count: int
    """Its texts."""
    top1: float
    """It is the best label of its text."""
    top3: float
    """It is among the best three."""
    routed: float
    """Share of its texts that may be routed by itself, wherever they go."""
    routed_error: float
    """Share of those that go to another service."""
    astray: int
    """Texts of others that would be routed to it."""

    def as_json(self) -> dict[str, float]:
        """Return the numbers, rounded as far as they mean something."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def by_service(judged: Judged, thresholds: ThresholdTable) -> Mapping[str, ServiceMetrics]:
    """Return metrics of each label that texts were of, or went to; the weakest first."""
    told = predictions(judged)
    labels, truth = np.asarray(judged.labels), np.asarray(judged.truth)
    among = np.where(labels != OUT_OF_SCOPE, judged.probabilities, -1.0)
    first = labels[among.argmax(axis=1)]
    routed = np.fromiter((is_routed(one, thresholds) for one in told), dtype=bool)
    right = hits(judged)
    found = {
        str(label): _of_one(right[truth == label], routed, truth == label, first == label)
        for label in np.union1d(truth, first[routed])
    }
    ranked = sorted(found.items(), key=lambda one: (one[1].top1, -one[1].count, one[0]))
    return dict(ranked[:MOST_SERVICES])


def _of_one(right: Any, routed: Any, own: Any, goes_there: Any) -> ServiceMetrics:
    count, sent = int(own.sum()), int((own & routed).sum())
    return ServiceMetrics(
        count=count,
        top1=float(right[:, 0].mean()) if count else 0.0,
        top3=float(right.any(axis=1).mean()) if count else 0.0,
        routed=sent / count if count else 0.0,
        routed_error=int((own & routed & ~goes_there).sum()) / sent if sent else 0.0,
        astray=int((~own & routed & goes_there).sum()),
    )
