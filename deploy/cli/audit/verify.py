"""Verifying a bundle from beginning to end, trusting nothing in it but what a checkpoint proves.

The tree is built anew from the records and held against every checkpoint on the way; tiles of
hashes only help to name which record it is. Trust comes from outside: a checkpoint that was kept
names, by its signatures, the keys of the log, and those name the keys that come after them. Only
keys under the log's own name count: a witness's cosignature is checked, and vouches for nothing.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from deploy.cli.audit import bundle, layout
from deploy.cli.audit.differing import differences
from deploy.cli.audit.layout import File
from services.audit.domain import merkle
from services.audit.domain.checkpoints import (
    Checkpoint,
    Note,
    NoteError,
    PublicKey,
    read_key,
    read_note,
)
from services.audit.store.notes import signed_by

MOST_TOLD = 20
NOT_EXCLUDED = (
    "that the whole log was written anew and signed anew by who holds its key",
    "that records and checkpoints at its end were left out (a log that was rolled back)",
    "that others were shown another log (a fork)",
)
"""What a bundle cannot tell about itself."""


@dataclass
class Report:
    """What was found."""

    origin: str = ""
    size: int = 0
    checkpoints: int = 0
    has_report: bool = False
    faults: list[str] = field(default_factory=list)
    more: int = 0
    not_excluded: Sequence[str] = ()

    @property
    def is_good(self) -> bool:
        """Tell whether nothing was found."""
        return not self.faults

    def fault(self, told: str) -> None:
        """Name a fault; of very many only the first are told."""
        if len(self.faults) < MOST_TOLD:
            self.faults.append(told)
        else:
            self.more += 1


def kept_note(file: Path) -> Note:
    """Read a checkpoint as people keep it: with the empty lines that `jq -r` and editors add."""
    try:
        return read_note(file.read_text("utf-8").strip("\n") + "\n")
    except OSError as error:
        raise NoteError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NoteError(f"{file} is no text") from error


class _BrokenError(Exception):
    """The bundle cannot be read further."""


def verify(files: Iterable[File], trusted: Note | None) -> Report:
    """Return what is wrong with a bundle, and what cannot be excluded."""
    report = Report(not_excluded=() if trusted else NOT_EXCLUDED)
    coming = iter(files)
    try:
        _Verifier(report, coming, trusted).run()
    except _BrokenError as error:
        report.fault(str(error))
    except (NoteError, bundle.UnreadableBundleError) as error:
        report.fault(error.message)
    return report


class _Verifier:
    def __init__(self, report: Report, files: Iterator[File], trusted: Note | None) -> None:
        self.report = report
        self.files = files
        self.trusted = trusted
        self.anchor = trusted.checkpoint() if trusted else None
        self.frontier = merkle.Frontier()
        self.suspects: list[str] = []
        self.last_good = 0
        self.first_bad: int | None = None

    def run(self) -> None:
        head = self._head()
        keys = self._keys()
        notes = self._notes()
        cover = _text(self._next(bundle.COVER), "the cover")
        if self._next(bundle.LOG + layout.CHECKPOINT) != notes[-1].whole().encode():
            self.report.fault("the checkpoint of the log is not the last one of the list")
        checkpoints = self._check_notes(notes, keys)
        last = checkpoints[-1]
        if head != bundle.head(last, len(notes)):
            self.report.fault("the head of the bundle does not tell of its checkpoints")
        self._check_end(last)
        self._check_cover(read_note(cover), last)
        self._check_records(checkpoints)
        self._check_report()

    def _next(self, wanted: str) -> bytes:
        name, content = next(self.files, ("nothing", b""))
        if name != wanted:
            raise _BrokenError(f"{wanted} is missing: there is {name} in its place")
        return content

    def _head(self) -> bytes:
        return self._next(bundle.HEAD)

    def _keys(self) -> list[PublicKey]:
        lines = _text(self._next(bundle.KEYS), "the keys").split("\n")
        if lines.pop() != "":
            raise _BrokenError("the keys are cut off")
        return [read_key(line) for line in lines]

    def _notes(self) -> list[Note]:
        lines = _text(self._next(bundle.CHECKPOINTS), "the checkpoints").split("\n")
        if lines.pop() != "" or not lines:
            raise _BrokenError("the checkpoints are cut off")
        return [_note(line) for line in lines]

    def _check_notes(self, notes: Sequence[Note], keys: Sequence[PublicKey]) -> list[Checkpoint]:
        """Check who signed, and that the sizes grow under one name."""
        checkpoints = [note.checkpoint() for note in notes]
        own = [key for key in keys if key.speaks_for(checkpoints[-1].origin)]
        trusted = set(signed_by(self.trusted, own)) if self.trusted else set(own)
        if self.trusted and not trusted:
            self.report.fault("no key of the bundle signed the trusted checkpoint")
        before = 0
        for note, one in zip(notes, checkpoints, strict=True):
            signers = set(signed_by(note, own))
            if len(signed_by(note, keys)) != len(note.signatures):
                self.report.fault(
                    f"the checkpoint of {one.size} has a signature that does not hold"
                )
            elif self.anchor is None or one.size >= self.anchor.size:
                if not signers & trusted:
                    self.report.fault(f"the checkpoint of {one.size} is not signed by the log")
                trusted |= signers if signers & trusted else set()
            if one.size <= before or one.origin != checkpoints[0].origin:
                self.report.fault(f"the checkpoint of {one.size} does not follow that of {before}")
            before = one.size
        self.own, self.signers = own, trusted
        self._check_dense(checkpoints)
        self.report.origin, self.report.checkpoints = checkpoints[-1].origin, len(notes)
        return checkpoints

    def _check_dense(self, checkpoints: Sequence[Checkpoint]) -> None:
        if self.anchor is None:
            return
        if self.anchor.origin != checkpoints[-1].origin:
            self.report.fault(f"this is the log {checkpoints[-1].origin}, not {self.anchor.origin}")
        same = [one for one in checkpoints if one.size == self.anchor.size]
        if any(one.root != self.anchor.root for one in same):
            self.report.fault(
                f"the log was forked: it signed two different trees of {self.anchor.size} records"
            )

    def _check_end(self, last: Checkpoint) -> None:
        self.report.size = last.size
        if self.anchor is not None and last.size < self.anchor.size:
            self.report.fault(
                f"the log was rolled back: it had {self.anchor.size} records, and has {last.size}"
            )

    def _check_records(self, checkpoints: Sequence[Checkpoint]) -> None:
        roots = {one.size: one.root for one in checkpoints}
        if self.anchor is not None:
            roots.setdefault(self.anchor.size, self.anchor.root)
        for number, width in layout.rows(self.report.size):
            tile = self._next(bundle.LOG + layout.path_of("0", number, width))
            packed = self._next(bundle.LOG + layout.path_of("entries", number, width))
            begin = number * merkle.TILE_WIDTH
            try:
                records = layout.unframed(packed)
            except ValueError as error:
                raise _BrokenError(
                    f"of the records {begin} to {begin + width - 1} {error}"
                ) from error
            leaves = [sha256(b"\0" + record).digest() for record in records]
            if b"".join(leaves) != tile:
                self._name(begin, records, leaves, merkle.split(tile))
            if len(records) != width:
                self._tell()
                raise _BrokenError(f"{len(records)} records stand where {width} were sealed")
            self._grow(leaves, roots)
        self._tell()

    def _check_cover(self, cover: Note, last: Checkpoint) -> None:
        """See what was signed of the whole: where the log ends, and whether a report follows."""
        told = {bundle.cover(last, with_report=has): has for has in (True, False)}
        if cover.text not in told or not self._is_signed(cover):
            self.report.fault("the cover is not what was signed of this bundle")
        self.report.has_report = told.get(cover.text, False)

    def _is_signed(self, note: Note) -> bool:
        """Tell whether every signature under a note holds, and one is by a trusted key."""
        signers = signed_by(note, self.own)  # one that was made since may have sealed nothing yet
        return len(signers) == len(note.signatures) and bool(self.signers & set(signers))

    def _check_report(self) -> None:
        """Hold what stands behind the log against what the log's keys signed of it."""
        found: dict[str, str] = {}
        signed: dict[str, str] | None = None
        for name, content in self.files:
            if name.startswith(bundle.LOG):
                self.report.fault(f"{name} stands behind the end of the log")
            elif name == bundle.CONTENTS:
                signed = self._contents(_text(content, "the contents of the report"))
            else:
                found[name] = sha256(content).hexdigest()
        if self.report.has_report != (signed is not None):
            promised = "a" if self.report.has_report else "no"
            self.report.fault(f"{promised} report was signed to stand behind the log")
        for name in sorted({*found, *(signed or {})}):
            if found.get(name) != (signed or {}).get(name):
                self.report.fault(f"{name} is not what was signed of the report")

    def _contents(self, text: str) -> dict[str, str]:
        note = read_note(text)
        head, *lines = note.text.rstrip("\n").split("\n")
        if head != bundle.REPORT_HEAD or not self._is_signed(note):
            self.report.fault("the contents of the report are not signed by the log")
        told = (line.partition(" ") for line in lines)
        return {name: digest for digest, _, name in told}

    def _grow(self, leaves: Sequence[bytes], roots: dict[int, bytes]) -> None:
        add, frontier = self.frontier.add, self.frontier
        for leaf in leaves:
            add(leaf)
            root = roots.get(frontier.size)
            if root is not None:
                self._meet(root)

    def _meet(self, root: bytes) -> None:
        """Hold the tree so far against what was signed of it."""
        if self.frontier.root() == root:
            self.last_good = self.frontier.size
        elif self.first_bad is None:
            self.first_bad = self.frontier.size

    def _name(
        self,
        begin: int,
        records: Sequence[bytes],
        found: Sequence[bytes],
        sealed: Sequence[bytes],
    ) -> None:
        """Say which record differs from the hashes beside it; whose fault it is shows later."""
        if not self.suspects or len(self.suspects) < MOST_TOLD:
            self.suspects += differences(begin, records, found, sealed)

    def _tell(self) -> None:
        if self.first_bad is not None and self._is_whole():
            self.report.fault(
                f"the log was forked: it signed another tree of {self.first_bad} records"
            )
        elif self.first_bad is not None:
            self.report.fault(
                f"the records are not those that were sealed: somewhere from {self.last_good} "
                f"to {self.first_bad - 1}"
            )
            for told in self.suspects[:MOST_TOLD]:
                self.report.fault(told)
        elif self.suspects:
            whose = "the hashes beside the records" if self._is_whole() else "records or hashes"
            self.report.fault(f"{whose} were changed: {self.suspects[0]}")

    def _is_whole(self) -> bool:
        return self.last_good == self.report.size


def _note(line: str) -> Note:
    try:
        whole = json.loads(line)
    except ValueError as error:
        raise _BrokenError("a checkpoint cannot be read") from error
    if not isinstance(whole, str) or bundle.line(whole) != line:
        raise _BrokenError("a checkpoint is not written as it was")
    return read_note(whole)


def _text(content: bytes, what: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise _BrokenError(f"{what} cannot be read") from error
