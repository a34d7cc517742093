"""The tables of the page of models, to be downloaded."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import Message

from gateway.pages.analyst.frame import Table
from qyzmet.classifier.v1 import classifier_pb2 as pb


def waiting_of(told: Any) -> Any:
    """Return the proposal that waits for an answer; None where none does."""
    return next((one for one in told.proposals if one.state == pb.PROPOSAL_STATE_OPEN), None)


def tables_of(told: Any, history: Sequence[Any]) -> dict[str, Table]:
    """Return each table by its name in the address."""
    tables = {
        "live": _of(told.live, "held_out"),
        "thresholds": _of(told.live, "thresholds"),
        "shadow": _of(told, "shadow"),
        "differences": _of(told, "differences"),
        "shadow-changes": _of(told, "shadow_changes"),
        "stored": _of(told, "stored", each="held_out"),
        "proposals": _of(told, "proposals"),
        "history": _of(pb.GetModelsResponse(history=history), "history"),
    }
    if told.HasField("candidate"):
        tables["candidate"] = _of(told.candidate, "held_out")
        tables["candidate-thresholds"] = _of(told.candidate, "thresholds")
    if (waiting := waiting_of(told)) is not None:
        tables["gate"] = _of(waiting.trial, "languages")
        tables["gate-services"] = _of(waiting.trial, "services")
        tables["proposed-shadow"] = _of(waiting, "shadow")
    return tables


def _of(message: Message, rows: str, each: str = "") -> Table:
    return Table(message, rows, "/v1/models", {}, each)
