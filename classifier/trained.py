"""What training hands to the writer of the model folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from classifier.domain import ThresholdTable
from classifier.evaluate import Metrics
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
