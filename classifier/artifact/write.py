"""Writing a model folder: complete and on disk under its id, or not there at all."""

import hashlib
import io
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import sklearn

from classifier import card, picture
from classifier.artifact import layout
from classifier.condense import Entries
from classifier.pipeline import Weights
from classifier.text import RULES_VERSION
from classifier.trained import Trained
from services.chassis.wholefile import sync


def save(trained: Trained, models_dir: Path) -> str:
    """Write a model under its id in the models folder; returns the id."""
    files = _files(trained)
    manifest = _json(_manifest(files))
    model = hashlib.sha256(manifest).hexdigest()
    target = models_dir / model
    if target.exists():
        return model
    models_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=models_dir, prefix=".new-"))
    try:
        for name, content in {**files, layout.MANIFEST: manifest}.items():
            _write(folder / name, content)
        sync(folder)
        folder.chmod(0o755)
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    sync(models_dir)
    return model


def _files(trained: Trained) -> dict[str, bytes]:
    weights = trained.weights
    told = card.describe(trained)
    return {
        **{name: _array(np.concatenate(parts)) for name, parts in _arrays(weights).items()},
        layout.VOCABULARY: _json(_vocabulary(weights)),
        layout.LABELS: _json(list(weights.labels)),
        layout.THRESHOLDS: _json(_thresholds(trained)),
        layout.CARD: _json(told),
        layout.CARD_TEXT: card.as_markdown(told).encode(),
        layout.PICTURE: picture.risk_coverage(trained.curves).encode(),
    }


def _arrays(weights: Weights) -> dict[str, list[Any]]:
    """Return the arrays of all tables, to be stored one after the other."""
    told = [table.coefficients for table in weights.tables]
    sparse = [one for one in told if isinstance(one, Entries)]
    return {
        layout.STEPS: [one.steps.ravel() for one in told],
        layout.SCALES: [one.scales for one in told],
        layout.COLUMNS: [np.empty(0, np.uint16), *(one.columns for one in sparse)],
        layout.ENDS: [np.empty(0, np.int32), *(one.ends for one in sparse)],
        layout.IDF: [table.idf for table in weights.tables],
    }


def _vocabulary(weights: Weights) -> list[dict[str, Any]]:
    return [
        {
            "name": table.name,
            "sizes": list(table.sizes),
            "terms": list(table.terms),
            "share": table.share,
            "is_sparse": isinstance(table.coefficients, Entries),
        }
        for table in weights.tables
    ]


def _thresholds(trained: Trained) -> dict[str, Any]:
    return {
        "temperature": trained.weights.temperature,
        "languages": {
            language.value: asdict(told)
            for language, told in trained.thresholds.by_language.items()
        },
    }


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "format": layout.FORMAT,
        "text_rules": RULES_VERSION,
        "versions": {
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(files.items())
        },
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _array(values: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
