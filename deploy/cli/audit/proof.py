"""Checking the proofs of a case offline: each record is in the log that a checkpoint signs.

A citizen's file holds records, the hashes that lead from each to the root, and the checkpoint over
it. Whose log that is, only a checkpoint that was kept can tell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from deploy.cli.audit.verify import NOT_EXCLUDED
from services.audit.domain import decode, merkle
from services.audit.domain.checkpoints import Checkpoint, Note, read_key, read_note
from services.audit.store.notes import signed_by
from services.chassis.errors import InvalidError


class NoProofError(InvalidError):
    """This is no file of proofs, as /v1/cases/{id}/proof gives it."""

    reason = "NO_PROOF"


@dataclass
class Report:
    """What was found in a file."""

    origin: str = ""
    size: int = 0
    records: list[str] = field(default_factory=list)
    """Each record that is in the log, in a line."""
    faults: list[str] = field(default_factory=list)
    not_excluded: Sequence[str] = ()
    waiting: int = 0
    """How many decisions came after the checkpoint."""


class _Proof(msgspec.Struct):
    record: str
    leaf_index: int = 0
    hashes: list[bytes] = []


class _Sealed(msgspec.Struct):
    note: str
    keys: list[str]


class _File(msgspec.Struct):
    checkpoint: _Sealed | None = None
    proofs: list[_Proof] = []
    waiting_count: int = 0


def verify_proof(file: Path, trusted: Note | None) -> Report:
    """Return what is wrong with the proofs in a file, and what they cannot exclude."""
    told = _read(file)
    if told.checkpoint is None or not told.proofs:
        raise NoProofError(
            f"{file} proves nothing yet: {told.waiting_count} decisions wait for a checkpoint"
        )
    note = read_note(told.checkpoint.note)
    seal = note.checkpoint()
    report = Report(seal.origin, seal.size, waiting=told.waiting_count)
    report.faults += _unsigned(note, told.checkpoint.keys, trusted)
    report.not_excluded = _not_excluded(seal, trusted)
    for one in told.proofs:
        leaf = merkle.leaf_hash(one.record.encode())
        if merkle.verify_inclusion(leaf, one.leaf_index, seal.size, one.hashes, seal.root):
            report.records.append(f"record {one.leaf_index}: {_sentence(one.record)}")
        else:
            report.faults.append(
                f"record {one.leaf_index} is not in the log as it stands here: {one.record}"
            )
    return report


def _read(file: Path) -> _File:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_File)
    except OSError as error:
        raise NoProofError(f"{file}: {error.strerror}") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise NoProofError(f"{file} is no file of proofs: {error}") from error


def _unsigned(note: Note, texts: Sequence[str], trusted: Note | None) -> Iterator[str]:
    """Tell where the checkpoint is not signed by the log, or not by the one that is trusted."""
    seal = note.checkpoint()
    own = [key for key in map(read_key, texts) if key.speaks_for(seal.origin)]
    signers = set(signed_by(note, own))
    if not signers:
        yield f"the checkpoint is not signed by the log {seal.origin}"
    if trusted is None:
        return
    kept = trusted.checkpoint()
    if kept.origin != seal.origin:
        yield f"this is the log {seal.origin}, not {kept.origin}"
    elif signers and not signers & set(signed_by(trusted, own)):
        yield "no key that signed the trusted checkpoint signed this one"
    elif kept.size == seal.size and kept.root != seal.root:
        yield f"the log was forked: it signed two different trees of {seal.size} records"


def _not_excluded(seal: Checkpoint, trusted: Note | None) -> Sequence[str]:
    if trusted is None:
        return NOT_EXCLUDED
    kept = trusted.checkpoint()
    if kept.size == seal.size:
        return ()
    first, second = sorted((kept.size, seal.size))
    shown = f"/v1/audit/consistency?first_size={first}&second_size={second}"
    return (f"that {first} records are not the beginning of {second}: see {shown}, or a witness",)


def _sentence(record: str) -> str:
    """Say in a line what a record tells."""
    try:
        told = decode(record.encode())
    except ValueError:
        return "of a form that this release does not know"
    to = " ".join(str(told[name]) for name in ("outcome", "service", "office") if name in told)
    return f"{told.get('time', '')} {to}, by {told.get('actor', 'nobody')}"
