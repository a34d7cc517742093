"""Pointers to the live model and its shadow, replaced whole; what was live, by whom."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classifier.artifact import layout
from classifier.artifact.layout import ModelRefusedError, Refusal
from services.chassis.application import utc_now
from services.chassis.wholefile import locked, whole

POINTER = "live"
SHADOW = "shadow"
HISTORY = "history.jsonl"
ROLLED_BACK = "rolled back"
"""Why a model went live in whose favour another was taken back."""
MAX_HISTORY_BYTES = 16 * layout.MEGABYTE
_BEGINNING = re.compile(r"[0-9a-f]{8,64}")


def publish(models_dir: Path, model: str, *, by: Sequence[str] = (), why: str = "trained") -> None:
    """Make a stored model the live one; running services take it over within a second."""
    check_stored(models_dir, model)
    with locked(models_dir):
        publish_locked(models_dir, model, by=by, why=why)


def publish_locked(
    models_dir: Path, model: str, *, by: Sequence[str], why: str, **more: str
) -> None:
    """Do the same for whoever holds the lock; `more` is written down along with it.

    The history is written first: whoever reads it finds every model that may have been live.
    """
    told = {"time": utc_now().isoformat(), "model": model, "why": why, "by": list(by), **more}
    append(models_dir / HISTORY, json.dumps(told, ensure_ascii=False).encode())
    point(models_dir, model)


def append(path: Path, line: bytes) -> None:
    """Put a line on disk, below one that a loss of power may have cut short."""
    with path.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            line = line if file.read(1) == b"\n" else b"\n" + line
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def check_stored(models_dir: Path, model: str) -> None:
    """Refuse an id that no stored model has."""
    if not layout.ID_PATTERN.fullmatch(model) or not (models_dir / model).is_dir():
        message = "there is no stored model of this id"
        raise ModelRefusedError(message, Refusal.NOT_FOUND)


def stored(models_dir: Path) -> list[str]:
    """Return the ids of all stored models, the newest first."""
    folders = [
        (folder.stat().st_mtime, folder.name)
        for folder in models_dir.glob("[0-9a-f]*")
        if layout.ID_PATTERN.fullmatch(folder.name)
    ]
    return [name for _, name in sorted(folders, reverse=True)]


def set_shadow(models_dir: Path, model: str | None) -> None:
    """Let a stored model see what the live one sees, or none any more; nothing is restarted."""
    if model is None:
        (models_dir / SHADOW).unlink(missing_ok=True)
    else:
        _point(models_dir, SHADOW, model)


def point(models_dir: Path, model: str) -> None:
    """Point at the live model, and write nothing down."""
    _point(models_dir, POINTER, model)


def _point(models_dir: Path, name: str, model: str) -> None:
    with whole(models_dir / name) as fresh:
        fresh.write_text(model + "\n", encoding="ascii")


def live(models_dir: Path) -> str | None:
    """Return the id of the live model; None where none was published."""
    return _pointed(models_dir, POINTER)


def shadow(models_dir: Path) -> str | None:
    """Return the id of the model that only looks on; None where there is none."""
    return _pointed(models_dir, SHADOW)


def _pointed(models_dir: Path, name: str) -> str | None:
    try:
        with (models_dir / name).open(encoding="ascii") as file:
            named = file.read(len("f" * 64) + 2).strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(name) from error
    if not layout.ID_PATTERN.fullmatch(named):
        raise _unreadable(name)
    return named


def history(models_dir: Path) -> list[Mapping[str, Any]]:
    """Return what went live, the oldest first: time, model, why, by whom."""
    try:
        with (models_dir / HISTORY).open(encoding="utf-8") as file:
            lines = file.read(MAX_HISTORY_BYTES).splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line.endswith("}")]


def before(models_dir: Path) -> str:
    """Return the model that was live before the one that is; not what was taken back since."""
    now = live(models_dir)
    models = _standing(history(models_dir))
    if now in models:
        _go_back(models, now)
    for model in reversed(models):
        if model != now and (models_dir / model).is_dir():
            return model
    raise ModelRefusedError("no other model was live before", Refusal.NOT_FOUND)


def _standing(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what went live, the oldest first, without what a rollback took back."""
    models: list[str] = []
    for line in told:
        model = str(line["model"])
        if line["why"] == ROLLED_BACK:
            _go_back(models, model)
        models.append(model)
    return models


def _go_back(models: list[str], model: str) -> None:
    """Forget what went live after a model, and itself."""
    while models and models.pop() != model:
        pass


def find(models_dir: Path, beginning: str) -> str:
    """Return the id of the stored model that begins so; eight digits are enough."""
    if not _BEGINNING.fullmatch(beginning):
        message = "a model is named by eight or more digits of its id"
        raise ModelRefusedError(message, Refusal.NOT_FOUND)
    found = [folder.name for folder in models_dir.glob(f"{beginning}*") if folder.is_dir()]
    if len(found) != 1:
        message = f"{'several models begin' if found else 'no stored model begins'} so"
        raise ModelRefusedError(message, Refusal.NOT_FOUND)
    return found[0]


def _unreadable(name: str) -> ModelRefusedError:
    message = f"the file {name!r} does not name a model"
    return ModelRefusedError(message, Refusal.NOT_READABLE)
