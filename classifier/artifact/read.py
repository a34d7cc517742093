"""Loading a model folder: every byte is checked before it is understood."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from classifier.artifact import layout
from classifier.artifact.layout import ModelAwayError, ModelRefusedError, Refusal, Stored
from classifier.condense import Condensed, Entries, Rows
from classifier.domain import OUT_OF_SCOPE, Language, Thresholds, ThresholdTable
from classifier.pipeline import KINDS, FeatureTable, Model, Weights
from classifier.text import RULES_VERSION

T = TypeVar("T")

MAX_SIZE = 100
MAX_SHARE = 1000.0


def load(folder: Path, known_labels: Collection[str], *, expected_id: str = "") -> Stored:
    """Load a model, or raise ModelRefusedError with the reason.

    Where the disk does not give it, ModelAwayError is raised: the next time it may.

    `known_labels` are the ids of the catalogue; `expected_id` is the id the folder
    must have, where the caller knows it.
    """
    with _told_errors(folder):
        model = _sealed(folder, expected_id)
        thresholds = _json(folder, layout.THRESHOLDS)
        weights = _weights(folder, float(thresholds["temperature"]))
        _check_weights(weights, known_labels)
        return Stored(model, Model(weights), _thresholds(thresholds), _json(folder, layout.CARD))


def check(folder: Path, known_labels: Collection[str], *, expected_id: str = "") -> None:
    """Raise what `load` would of bytes and labels, in a tenth of the time: weights stay unread."""
    with _told_errors(folder):
        _sealed(folder, expected_id)
        _check_known(map(str, _json(folder, layout.LABELS)), known_labels)


@contextmanager
def _told_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, EOFError, RecursionError) as error:
        message = f"{folder.name}: not a model: {type(error).__name__}"
        raise ModelRefusedError(message, Refusal.NOT_READABLE) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelRefusedError(_told(folder, error), Refusal.NOT_FOUND) from error
    except OSError as error:
        raise ModelAwayError(_told(folder, error)) from error


def _told(folder: Path, error: OSError) -> str:
    return f"{folder.name}: {error.strerror or type(error).__name__}"


def _sealed(folder: Path, expected_id: str) -> str:
    """Return the id of a folder whose files are those that its manifest seals."""
    manifest_bytes = _read(folder / layout.MANIFEST, layout.MAX_MANIFEST_BYTES)
    model = hashlib.sha256(manifest_bytes).hexdigest()
    _require(expected_id in ("", model), "the manifest is not the one named", Refusal.HASH_MISMATCH)
    manifest = json.loads(manifest_bytes)
    _require(
        _is_of_this_version(manifest),
        "made for another version of this product: train one anew",
        Refusal.FORMAT_UNKNOWN,
    )
    for name in (*layout.MAX_BYTES, *(set(layout.OPTIONAL_BYTES) & set(manifest["files"]))):
        _check_hash(folder / name, str(manifest["files"][name]["sha256"]))
    return model


def _is_of_this_version(manifest: Mapping[str, Any]) -> bool:
    return bool(manifest["format"] == layout.FORMAT and manifest["text_rules"] == RULES_VERSION)


def is_outdated(folder: Path) -> bool:
    """Tell whether a model was made for another version of this product, and by that alone.

    Of a manifest that cannot be read nothing is told: loading says what is wrong with it.
    """
    try:
        return not _is_of_this_version(
            json.loads(_read(folder / layout.MANIFEST, layout.MAX_MANIFEST_BYTES))
        )
    except (KeyError, TypeError, ValueError, RecursionError, OSError, ModelRefusedError):
        return False


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


def _weights(folder: Path, temperature: float) -> Weights:
    labels = tuple(map(str, _json(folder, layout.LABELS)))
    arrays = _Arrays(folder, len(labels))
    tables = [_table(row, arrays) for row in _json(folder, layout.VOCABULARY)]
    arrays.end()
    return Weights(labels, tables, temperature)


class _Arrays:
    """The arrays of a folder, of which each table in turn takes its part.

    They are mapped, not read: the parts that texts ask for are all that takes memory.
    """

    def __init__(self, folder: Path, labels: int) -> None:
        self._labels = labels
        self._left = {name: _array(folder / name, kind) for name, kind in _KINDS.items()}

    def take(self, name: str, count: int) -> Any:
        """Take the next numbers of an array."""
        part, self._left[name] = self._left[name][:count], self._left[name][count:]
        _require(len(part) == count, f"{name} is too short", Refusal.SHAPE_MISMATCH)
        return part

    def coefficients(self, terms: int, *, is_sparse: bool) -> Condensed:
        """Take what so many terms say."""
        scales = self.take(layout.SCALES, terms)
        if not is_sparse:
            steps = self.take(layout.STEPS, terms * self._labels)
            return Rows(steps.reshape(terms, self._labels), scales)
        ends = self.take(layout.ENDS, terms + 1)
        _require(
            int(ends[0]) == 0 and bool((np.diff(ends) >= 0).all()),
            "rows that end before they begin",
            Refusal.SHAPE_MISMATCH,
        )
        entries = int(ends[-1])
        columns = self.take(layout.COLUMNS, entries)
        _require(
            not entries or int(columns.max()) < self._labels,
            "weights of labels that do not exist",
            Refusal.SHAPE_MISMATCH,
        )
        return Entries(self._labels, self.take(layout.STEPS, entries), columns, ends, scales)

    def end(self) -> None:
        """Refuse what no table has taken."""
        _require(
            not any(map(len, self._left.values())),
            "labels, vocabulary and weights differ in size",
            Refusal.SHAPE_MISMATCH,
        )


_KINDS: dict[str, type[np.number[Any]]] = {
    layout.STEPS: np.int8,
    layout.SCALES: np.float32,
    layout.COLUMNS: np.uint16,
    layout.ENDS: np.int32,
    layout.IDF: np.float32,
}


def _array(path: Path, kind: type[np.number[Any]]) -> Any:
    # As a plain view: a `memmap` runs code of its own each time a part of it is taken.
    array = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    _require(
        array.ndim == 1 and array.dtype == kind,
        f"{path.name} holds other numbers than it should",
        Refusal.SHAPE_MISMATCH,
    )
    _require(bool(np.isfinite(array).all()), "a weight is not a finite number", Refusal.NOT_FINITE)
    return array


def _table(row: Mapping[str, Any], arrays: _Arrays) -> FeatureTable:
    least, most = map(int, row["sizes"])
    name, terms, share = str(row["name"]), tuple(map(str, row["terms"])), float(row["share"])
    if name not in KINDS or not 1 <= least <= most <= MAX_SIZE:
        raise ValueError("unknown features")
    if len(set(terms)) != len(terms):
        raise ValueError("a term occurs twice")
    if not 0 < share < MAX_SHARE:
        raise ValueError("a share of features out of bounds")
    idf = np.array(arrays.take(layout.IDF, len(terms)))
    coefficients = arrays.coefficients(len(terms), is_sparse=bool(row["is_sparse"]))
    return FeatureTable(name, (least, most), terms, idf, share, coefficients)


def _check_weights(weights: Weights, known_labels: Collection[str]) -> None:
    _require(
        len(set(weights.labels)) == len(weights.labels),
        "a label occurs twice",
        Refusal.SHAPE_MISMATCH,
    )
    _require(
        0 < weights.temperature < float("inf"),
        "the temperature is not a positive number",
        Refusal.NOT_FINITE,
    )
    _check_known(weights.labels, known_labels)


def _check_known(labels: Iterable[str], known: Collection[str]) -> None:
    unknown = sorted(set(labels) - set(known) - {OUT_OF_SCOPE})
    _require(not unknown, f"not in the catalogue: {', '.join(unknown[:5])}", Refusal.UNKNOWN_LABEL)


def _thresholds(stored: Mapping[str, Any]) -> ThresholdTable:
    table = {
        # Models of before the limit on strange texts have none.
        Language(name): Thresholds(**{told: float(value) for told, value in row.items()})
        for name, row in stored["languages"].items()
    }
    if not all(
        0 <= told.confirm <= told.route <= 1 and 0 <= told.strange <= 1 for told in table.values()
    ):
        raise ValueError("thresholds out of order")
    return ThresholdTable(table)


def labels(folder: Path) -> tuple[str, ...]:
    """Return what a model can name, whether or not it would be served."""
    return _alone(folder, layout.LABELS, "labels", lambda told: tuple(map(str, told)))


def card(folder: Path) -> Mapping[str, Any]:
    """Return what a model's card says, whether or not it would be served."""
    return _alone(folder, layout.CARD, "card", dict)


def _alone(folder: Path, file: str, what: str, read: Callable[[Any], T]) -> T:
    """Read one file of a model that is not served."""
    try:
        return read(_json(folder, file))
    except (TypeError, ValueError, RecursionError) as error:
        message = f"{folder.name}: its {what} cannot be read"
        raise ModelRefusedError(message, Refusal.NOT_READABLE) from error
    except OSError as error:
        raise ModelRefusedError(_told(folder, error), Refusal.NOT_FOUND) from error
