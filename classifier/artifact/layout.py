"""What a model folder holds, and why one is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from classifier.domain import ThresholdTable
from classifier.pipeline import Model
from services.chassis.errors import InvalidError, UnavailableError

FORMAT = 3
MANIFEST = "manifest.json"
STEPS = "steps.npy"
SCALES = "scales.npy"
COLUMNS = "columns.npy"
ENDS = "ends.npy"
IDF = "idf.npy"
VOCABULARY = "vocabulary.json"
LABELS = "labels.json"
THRESHOLDS = "thresholds.json"
CARD = "card.json"
CARD_TEXT = "card.md"
PICTURE = "risk-coverage.svg"

MEGABYTE = 1024 * 1024
MAX_MANIFEST_BYTES = 64 * 1024
MAX_BYTES: Mapping[str, int] = {
    STEPS: 1024 * MEGABYTE,
    SCALES: 16 * MEGABYTE,
    COLUMNS: 256 * MEGABYTE,
    ENDS: 16 * MEGABYTE,
    IDF: 16 * MEGABYTE,
    VOCABULARY: 64 * MEGABYTE,
    LABELS: 4 * MEGABYTE,
    THRESHOLDS: MEGABYTE,
    CARD: 4 * MEGABYTE,
    CARD_TEXT: 4 * MEGABYTE,
}
"""Every file of a model besides the manifest, and how large it may be."""
OPTIONAL_BYTES: Mapping[str, int] = {PICTURE: MEGABYTE}
"""Files for people, which models of earlier releases lack."""

ID_PATTERN = re.compile(r"[0-9a-f]{64}")


class Refusal(StrEnum):
    """Why a folder is refused."""

    NOT_FOUND = "NOT_FOUND"
    NOT_READABLE = "NOT_READABLE"
    TOO_LARGE = "TOO_LARGE"
    HASH_MISMATCH = "HASH_MISMATCH"
    FORMAT_UNKNOWN = "FORMAT_UNKNOWN"
    SHAPE_MISMATCH = "SHAPE_MISMATCH"
    NOT_FINITE = "NOT_FINITE"
    UNKNOWN_LABEL = "UNKNOWN_LABEL"


class ModelRefusedError(InvalidError):
    """This folder is not a model that may be served."""

    reason = "MODEL_REFUSED"

    def __init__(self, message: str, reason: Refusal) -> None:
        super().__init__(message, reason=reason.value)


class ModelAwayError(UnavailableError):
    """The folder of this model cannot be read now; that says nothing against the model."""

    reason = "MODEL_AWAY"


@dataclass(frozen=True, slots=True)
class Stored:
    """A model loaded from its folder and found whole."""

    id: str
    """SHA-256 of the manifest."""
    model: Model
    thresholds: ThresholdTable
    card: Mapping[str, Any]
