"""A folder of models for a running system: the trained one, live, and one that answers alike."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from classifier import artifact
from classifier.artifact import layout


def lay(model: Path, models_dir: Path) -> None:
    """Store a trained model and a twin of another id; the trained one is live."""
    models_dir.mkdir(parents=True)
    # Models are large and never written to: the same bytes do.
    shutil.copytree(model, models_dir / model.name, copy_function=_link)
    _twin(model, models_dir)
    artifact.publish(models_dir, model.name)


def _twin(model: Path, models_dir: Path) -> None:
    made = models_dir / "twin"
    shutil.copytree(model, made, copy_function=_link)
    card = _read(model / layout.CARD)
    card["limits"] = [*card.get("limits", []), "A twin, to try promotion with."]
    manifest = _read(model / layout.MANIFEST)
    manifest["files"][layout.CARD]["sha256"] = _write(made / layout.CARD, card)
    made.rename(models_dir / _write(made / layout.MANIFEST, manifest))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # the folders may be on different disks
        shutil.copy2(source, target)


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8")))


def _write(path: Path, told: dict[str, Any]) -> str:
    """Write a file of its own in place of a linked one, and return its SHA-256."""
    content = json.dumps(told).encode()
    path.unlink()
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()
