"""The pauses between attempts to deliver, read from a file."""

import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from services.chassis.errors import InvalidError


def bundled_pauses() -> Path:
    """Return the file that comes with the product."""
    return Path(str(resources.files("services.delivery") / "data" / "pauses.toml"))


def read_pauses(path: Path) -> Sequence[float]:
    """Return the pauses a file holds, in seconds."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))["pauses"]
        return tuple(float(seconds) for seconds in found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidError(f"{path} holds no list named pauses", field="pauses") from error
