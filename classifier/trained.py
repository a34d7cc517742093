"""What training hands to the writer of the model folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from classifier.byservice import ServiceMetrics
from classifier.domain import ThresholdTable
from classifier.evaluate import Metrics, Point
from classifier.pipeline import Weights


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, its thresholds, and what was measured on held-out examples."""

    weights: Weights
    thresholds: ThresholdTable
    metrics: Mapping[str, Metrics]
    """By language, and of all; every prediction came from a model that did not see the text."""
    title_only: Metrics
    """Of the held-out texts whose service kept its titles only."""
    facts: Mapping[str, Any]
    """What it was trained on, for the card."""
    curves: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    """Risk by coverage, by language, and of all."""
    services: Mapping[str, ServiceMetrics] = field(default_factory=dict)
    """The metrics by label, the weakest first."""
