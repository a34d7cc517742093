"""Files that are there whole or not at all, whatever ends the one who writes them."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOR_ALL = 0o666
"""The mode before the user's mask: a file like any other."""
LOCK = ".lock"


@contextmanager
def whole(path: Path, mode: int = FOR_ALL) -> Iterator[Path]:
    """Give an empty file beside `path` to write; it takes the place of `path` when it is on disk.

    Where writing ends in an error nothing is left of it, and what was at `path` stays.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    try:
        yield fresh
        sync(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    sync(path.parent)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let nobody else change the files of a folder meanwhile, of all processes on them."""
    with (folder / LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go of when the file is closed, by whatever
        yield


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
