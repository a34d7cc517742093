"""The models in use, described: the live one, the candidate beside it, what went live before."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from classifier import artifact, proposals, record
from classifier.artifact import ModelRefusedError, Stored
from classifier.watch import LiveModels
from qyzmet.classifier.v1 import classifier_pb2 as pb
from services.chassis import codec

SHOWN_DIFFERENCES = 10
SHOWN_HISTORY = 50
SHOWN_STORED = 20
SHOWN_PROPOSALS = 50
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
        *,
        is_pinned: bool = False,
    ) -> None:
        self._live = live
        self._candidates = candidates
        self._models_dir = models_dir
        self._shadow_dir = shadow_dir
        self._monotonic = monotonic
        self._is_pinned = is_pinned
        self._counted: dict[tuple[str, str], tuple[float, record.Summary]] = {}

    def describe(self) -> pb.GetModelsResponse:
        """Return the models; raises NoModelError where none is live."""
        live, pointed = self._live.current(), self._pointed()
        candidate = self._candidate(pointed, live.id)
        log = proposals.read(self._models_dir)
        told = pb.GetModelsResponse(
            live=card(live),
            candidate=card(candidate) if candidate else None,
            history=list(self._history())[-SHOWN_HISTORY:][::-1],
            stored=self._stored(live.id),
            proposals=[
                self._proposal(one) for one in list(log.proposals.values())[-SHOWN_PROPOSALS:][::-1]
            ],
            version=log.version,
            model_before=self._before(),
            is_pinned=self._is_pinned,
            shadow_model=pointed,
            shadow_changes=[
                codec.to_proto(one, pb.ShadowChange) for one in log.shadowed[-SHOWN_HISTORY:][::-1]
            ],
        )
        if candidate:
            summary = self._summary(live.id, candidate.id)
            told.shadow.extend(_shadow(summary))
            for (said, other), count in summary.differences[:SHOWN_DIFFERENCES]:
                told.differences.add(live=said, candidate=other, count=count)
            told.dropped_count = summary.dropped
        return told

    def _pointed(self) -> str:
        with suppress(ModelRefusedError):
            return artifact.shadow(self._models_dir) or ""
        return ""

    def _candidate(self, pointed: str, live: str) -> Stored | None:
        """Return what looks on; not what is let go of this moment, nor what went live meanwhile."""
        found = self._candidates.found()
        return found if found and live != found.id == pointed else None

    def _stored(self, live: str) -> Iterator[pb.ModelCard]:
        """Give the cards of what could be proposed; one that cannot be read is left out."""
        others = [one for one in artifact.stored(self._models_dir) if one != live]
        for model in others[:SHOWN_STORED]:
            folder = self._models_dir / model
            with suppress(ModelRefusedError):
                labels, told = artifact.labels(folder), artifact.card(folder)
                yield describe(model, len(labels), told)

    def _proposal(self, proposal: proposals.Proposal) -> pb.Proposal:
        told = codec.to_proto(proposal, pb.Proposal)
        if proposal.state is proposals.State.OPEN:
            told.shadow.extend(_shadow(self._summary(proposal.live, proposal.model)))
        return told

    def _before(self) -> str:
        try:
            return artifact.before(self._models_dir)
        except ModelRefusedError:
            return ""

    def _summary(self, live: str, candidate: str) -> record.Summary:
        pair, now = (live, candidate), self._monotonic()
        known = self._counted.get(pair)
        if known and now - known[0] < FRESH_SECONDS:
            return known[1]
        rows = record.read(self._shadow_dir)
        summary = record.summarise(
            rows, live=live, shadow=candidate, successors=self._live.successors()
        )
        fresh = {key: one for key, one in self._counted.items() if now - one[0] < FRESH_SECONDS}
        self._counted = fresh | {pair: (now, summary)}
        return summary

    def _history(self) -> Iterator[pb.Promotion]:
        for told in artifact.history(self._models_dir):
            promotion = pb.Promotion(
                model=told["model"],
                why=told["why"],
                by=told["by"],
                proposal_id=told.get("proposal", ""),
                reason=told.get("reason", ""),
            )
            promotion.time.FromDatetime(datetime.fromisoformat(told["time"]))
            yield promotion


def card(stored: Stored) -> pb.ModelCard:
    """Return what the card of a model in use tells."""
    return describe(stored.id, len(stored.model.labels), stored.card)


def describe(model: str, label_count: int, told: Mapping[str, Any]) -> pb.ModelCard:
    """Return what a model's card tells; a part that an older card lacks is left out."""
    data = told.get("data", {})
    return pb.ModelCard(
        model=model,
        label_count=label_count,
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


def _shadow(summary: record.Summary) -> Iterator[pb.ShadowFigures]:
    for language, found in summary.languages.items():
        figures = found.as_json()
        yield pb.ShadowFigures(
            language=language,
            count=int(figures["texts"]),
            agreement=figures["agreement"],
            live_routed=figures["live_routed"],
            candidate_routed=figures["shadow_routed"],
            routed_apart=figures["routed_apart"],
        )
