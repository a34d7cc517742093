"""The pointer to the live model: one small file, replaced whole."""

import os
from pathlib import Path

from classifier.artifact import layout
from classifier.artifact.layout import ModelRefusedError, Refusal
from classifier.artifact.write import sync_folder

POINTER = "live"


def publish(models_dir: Path, model: str) -> None:
    """Make a stored model the live one; running services take it over within a second."""
    if not layout.ID_PATTERN.fullmatch(model) or not (models_dir / model).is_dir():
        message = "there is no stored model of this id"
        raise ModelRefusedError(message, Refusal.NOT_FOUND)
    fresh = models_dir / f".{POINTER}.new"
    with fresh.open("w", encoding="ascii") as file:
        file.write(model + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(models_dir / POINTER)
    sync_folder(models_dir)


def live(models_dir: Path) -> str | None:
    """Return the id of the live model; None where none was published."""
    try:
        with (models_dir / POINTER).open(encoding="ascii") as file:
            named = file.read(len("f" * 64) + 2).strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable() from error
    if not layout.ID_PATTERN.fullmatch(named):
        raise _unreadable()
    return named


def _unreadable() -> ModelRefusedError:
    message = f"the file {POINTER!r} does not name a model"
    return ModelRefusedError(message, Refusal.NOT_READABLE)
