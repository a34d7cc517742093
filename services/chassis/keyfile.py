"""Files that hold a key: made once, for the owner only, on disk before they are used."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from services.chassis.wholefile import sync


def load_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the key in the file; where there is none, make one that all who start now agree on."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _place(path, make())
    return path.read_bytes()


def _place(path: Path, key: bytes) -> None:
    fresh = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.new")
    fresh.touch(mode=0o600, exist_ok=False)
    try:
        _write_through(fresh, key)
        # A link never replaces what another process placed a moment ago; a rename would.
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink()
    sync(path.parent)  # what is sealed with a lost key is lost too


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
