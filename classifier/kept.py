"""Corrections in a file of this machine: one line an event, as training reads them."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.chassis.errors import UnavailableError
from services.chassis.wholefile import locked, whole

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
            with locked(self._path.parent):
                self._append(lines)
        except OSError as error:
            raise CorrectionsUnavailableError(str(error)) from error

    def _append(self, lines: Sequence[bytes]) -> None:
        opened = os.open(self._path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        with os.fdopen(opened, "r+b") as file:
            _forget_torn_line(file)
            file.writelines(line + b"\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())


def forget(folder: Path, case_ids: Collection[str]) -> int:
    """Drop what was said of cases from the files of all replicas; return how many lines it was."""
    if not case_ids or not folder.exists():
        return 0
    try:
        with locked(folder):
            return sum(_drop(path, case_ids) for path in files(folder))
    except OSError as error:
        raise CorrectionsUnavailableError(str(error)) from error


def _drop(path: Path, case_ids: Collection[str]) -> int:
    """Write a file anew without some cases; one that tells of none of them stays as it is."""
    with path.open("rb") as file:
        count = sum(_case_of(line) in case_ids for line in file)
    if count:
        with path.open("rb") as file, whole(path, OWNER_ONLY) as fresh, fresh.open("wb") as kept:
            kept.writelines(line for line in file if _case_of(line) not in case_ids)
    return count


class _Line(msgspec.Struct):
    case_id: str = ""


_LINES = msgspec.json.Decoder(_Line)


def _case_of(line: bytes) -> str:
    """Return whose line it is; nobody's where a crash cut it off."""
    try:
        return _LINES.decode(line).case_id
    except msgspec.DecodeError:
        return ""


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
