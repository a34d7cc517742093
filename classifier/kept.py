"""Corrections in a file of this machine: one line an event, as training reads them."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from services.chassis.errors import UnavailableError

OWNER_ONLY = 0o600
LONGEST_LINE = 64 * 1024
"""Far longer than the codes and ids of an event."""


class CorrectionsUnavailableError(UnavailableError):
    """The file of corrections cannot be written."""

    reason = "CORRECTIONS_UNAVAILABLE"


class CorrectionsFile:
    """Appends lines, and has them on disk when it returns. One writer at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, lines: Sequence[bytes]) -> None:
        """Append lines: all of them, or after a crash a part that is written again."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(self._path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
            with os.fdopen(opened, "r+b") as file:
                _forget_torn_line(file)
                file.writelines(line + b"\n" for line in lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise CorrectionsUnavailableError(str(error)) from error


def _forget_torn_line(file: BinaryIO) -> None:
    """Go behind the last whole line: what follows was cut off by a crash, and comes again."""
    end = file.seek(0, os.SEEK_END)
    begin = file.seek(max(0, end - LONGEST_LINE))
    whole = begin + file.read().rfind(b"\n") + 1
    file.seek(whole)
    file.truncate()


def files(folder: Path) -> Sequence[Path]:
    """Return the files of all replicas."""
    return sorted(folder.glob("*.jsonl"))
