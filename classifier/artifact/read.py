"""Loading a model folder: every byte is checked before it is understood."""

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from classifier.artifact import layout
from classifier.artifact.layout import ModelRefusedError, Refusal, Stored
from classifier.domain import OUT_OF_SCOPE, Language, Thresholds, ThresholdTable
from classifier.pipeline import FeatureTable, Floats, Model, Weights
from classifier.text import RULES_VERSION

MAX_NGRAM = 8
MAX_WEIGHT = 1000.0


def load(folder: Path, known_labels: Collection[str], *, expected_id: str = "") -> Stored:
    """Load a model, or raise ModelRefusedError with the reason.

    `known_labels` are the ids of the catalogue; `expected_id` is the id the folder
    must have, where the caller knows it.
    """
    try:
        return _load(folder, known_labels, expected_id)
    except (KeyError, TypeError, ValueError, EOFError, RecursionError) as error:
        message = f"{folder.name}: not a model: {type(error).__name__}"
        raise ModelRefusedError(message, Refusal.NOT_READABLE) from error
    except OSError as error:
        message = f"{folder.name}: {error.strerror or type(error).__name__}"
        raise ModelRefusedError(message, Refusal.NOT_FOUND) from error


def _load(folder: Path, known_labels: Collection[str], expected_id: str) -> Stored:
    manifest_bytes = _read(folder / layout.MANIFEST, layout.MAX_MANIFEST_BYTES)
    model = hashlib.sha256(manifest_bytes).hexdigest()
    _require(expected_id in ("", model), "the manifest is not the one named", Refusal.HASH_MISMATCH)
    manifest = json.loads(manifest_bytes)
    _require(
        manifest["format"] == layout.FORMAT and manifest["text_rules"] == RULES_VERSION,
        "made for another version of this product",
        Refusal.FORMAT_UNKNOWN,
    )
    for name in (*layout.MAX_BYTES, *(set(layout.OPTIONAL_BYTES) & set(manifest["files"]))):
        _check_hash(folder / name, str(manifest["files"][name]["sha256"]))
    thresholds = _json(folder, layout.THRESHOLDS)
    weights = _weights(folder, float(thresholds["temperature"]))
    _check_weights(weights, known_labels)
    return Stored(model, Model(weights), _thresholds(thresholds), _json(folder, layout.CARD))


def _require(holds: bool, message: str, reason: Refusal) -> None:
    if not holds:
        raise ModelRefusedError(message, reason)


def _read(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(limit + 1)
    _require(len(content) <= limit, f"{path.name} is larger than allowed", Refusal.TOO_LARGE)
    return content


def _check_hash(path: Path, expected: str) -> None:
    _require(
        path.stat().st_size <= {**layout.MAX_BYTES, **layout.OPTIONAL_BYTES}[path.name],
        f"{path.name} is larger than allowed",
        Refusal.TOO_LARGE,
    )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    _require(
        found == expected, f"{path.name} is not what the manifest seals", Refusal.HASH_MISMATCH
    )


def _json(folder: Path, name: str) -> Any:
    return json.loads(_read(folder / name, layout.MAX_BYTES[name]))


def _array(folder: Path, name: str) -> Floats:
    # Mapped, not read: replicas on one machine share the memory of a model.
    array: Floats = np.load(folder / name, mmap_mode="r", allow_pickle=False)
    return array


def _weights(folder: Path, temperature: float) -> Weights:
    tables, begin = [], 0
    idf = _array(folder, layout.IDF)
    for row in _json(folder, layout.VOCABULARY):
        end = begin + len(row["terms"])
        tables.append(_table(row, np.array(idf[begin:end])))
        begin = end
    _require(
        idf.shape == (begin,), "weights of terms and vocabulary differ", Refusal.SHAPE_MISMATCH
    )
    return Weights(
        labels=tuple(map(str, _json(folder, layout.LABELS))),
        tables=tables,
        coefficients=_array(folder, layout.COEFFICIENTS),
        temperature=temperature,
    )


def _table(row: Mapping[str, Any], idf: Floats) -> FeatureTable:
    shortest, longest = map(int, row["ngram_range"])
    terms = tuple(map(str, row["terms"]))
    if row["analyzer"] not in ("word", "char_wb") or not 1 <= shortest <= longest <= MAX_NGRAM:
        raise ValueError("unknown features")
    if len(set(terms)) != len(terms):
        raise ValueError("a term occurs twice")
    weight = float(row["weight"])
    if not 0 < weight < MAX_WEIGHT:
        raise ValueError("a weight of features out of bounds")
    return FeatureTable(
        str(row["name"]), str(row["analyzer"]), (shortest, longest), terms, idf, weight
    )


def _check_weights(weights: Weights, known_labels: Collection[str]) -> None:
    labels, features = len(weights.labels), sum(len(table.terms) for table in weights.tables)
    arrays = (weights.coefficients, *(table.idf for table in weights.tables))
    _require(
        weights.coefficients.shape == (features, labels)
        and all(array.dtype == np.float32 for array in arrays)
        and len(set(weights.labels)) == labels,
        "labels, vocabulary and weights differ in size",
        Refusal.SHAPE_MISMATCH,
    )
    _require(
        all(bool(np.isfinite(array).all()) for array in arrays)
        and 0 < weights.temperature < float("inf"),
        "a weight is not a finite number",
        Refusal.NOT_FINITE,
    )
    unknown = sorted(set(weights.labels) - set(known_labels) - {OUT_OF_SCOPE})
    _require(not unknown, f"not in the catalogue: {', '.join(unknown[:5])}", Refusal.UNKNOWN_LABEL)


def _thresholds(stored: Mapping[str, Any]) -> ThresholdTable:
    table = {
        Language(name): Thresholds(float(row["route"]), float(row["confirm"]))
        for name, row in stored["languages"].items()
    }
    if not all(0 <= told.confirm <= told.route <= 1 for told in table.values()):
        raise ValueError("thresholds out of order")
    return ThresholdTable(table)


def labels(folder: Path) -> tuple[str, ...]:
    """Return what a model can name, whether or not it would be served."""
    try:
        return tuple(map(str, _json(folder, layout.LABELS)))
    except (TypeError, ValueError, RecursionError) as error:
        message = f"{folder.name}: its labels cannot be read"
        raise ModelRefusedError(message, Refusal.NOT_READABLE) from error
    except OSError as error:
        message = f"{folder.name}: {error.strerror or type(error).__name__}"
        raise ModelRefusedError(message, Refusal.NOT_FOUND) from error
