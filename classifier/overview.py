"""The models in use, described: the live one, the candidate beside it, what went live before."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from classifier import artifact, record
from classifier.artifact import Stored
from classifier.watch import LiveModels
from qyzmet.classifier.v1 import classifier_pb2 as pb

SHOWN_DIFFERENCES = 10
SHOWN_HISTORY = 50
FRESH_SECONDS = 60.0
"""A record of many texts takes a while to count, and calls are answered meanwhile."""
FIGURES = ("count", "top1", "top3", "calibration_error", "routed", "routed_error")


class Overview:
    """Describes the models in use; several threads may ask."""

    def __init__(
        self,
        live: LiveModels,
        candidates: LiveModels,
        models_dir: Path,
        shadow_dir: Path,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._live = live
        self._candidates = candidates
        self._models_dir = models_dir
        self._shadow_dir = shadow_dir
        self._monotonic = monotonic
        self._counted: tuple[tuple[str, str], float, record.Summary] | None = None

    def describe(self) -> pb.GetModelsResponse:
        """Return the models; raises NoModelError where none is live."""
        live, candidate = self._live.current(), self._candidates.found()
        told = pb.GetModelsResponse(
            live=card(live),
            candidate=card(candidate) if candidate else None,
            history=list(self._history())[-SHOWN_HISTORY:][::-1],
        )
        if candidate:
            _add_shadow(told, self._summary(live.id, candidate.id))
        return told

    def _summary(self, live: str, candidate: str) -> record.Summary:
        known, now = self._counted, self._monotonic()
        if known and known[0] == (live, candidate) and now - known[1] < FRESH_SECONDS:
            return known[2]
        rows = record.read(self._shadow_dir)
        summary = record.summarise(rows, live=live, shadow=candidate)
        self._counted = ((live, candidate), now, summary)
        return summary

    def _history(self) -> Iterator[pb.Promotion]:
        for told in artifact.history(self._models_dir):
            promotion = pb.Promotion(model=told["model"], why=told["why"], by=told["by"])
            promotion.time.FromDatetime(datetime.fromisoformat(told["time"]))
            yield promotion


def card(stored: Stored) -> pb.ModelCard:
    """Return what a model's card tells; a part that an older card lacks is left out."""
    told: Mapping[str, Any] = stored.card
    data = told.get("data", {})
    return pb.ModelCard(
        model=stored.id,
        label_count=len(stored.model.labels),
        catalogue_version=data.get("catalogue_version", ""),
        example_count=data.get("examples", 0),
        held_out=[_figures(name, found) for name, found in told.get("held_out", {}).items()],
        thresholds=[
            pb.ModelThresholds(language=name, route=found["route"], confirm=found["confirm"])
            for name, found in told.get("thresholds", {}).items()
        ],
        limits=told.get("limits", []),
    )


def _figures(language: str, found: Mapping[str, Any]) -> pb.ModelFigures:
    return pb.ModelFigures(language=language, **{name: found.get(name, 0) for name in FIGURES})


def _add_shadow(told: pb.GetModelsResponse, summary: record.Summary) -> None:
    for language, found in summary.languages.items():
        figures = found.as_json()
        told.shadow.add(
            language=language,
            count=int(figures["texts"]),
            agreement=figures["agreement"],
            live_routed=figures["live_routed"],
            candidate_routed=figures["shadow_routed"],
            routed_apart=figures["routed_apart"],
        )
    for (live, candidate), count in summary.differences[:SHOWN_DIFFERENCES]:
        told.differences.add(live=live, candidate=candidate, count=count)
    told.dropped_count = summary.dropped
