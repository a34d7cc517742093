"""Checkpoints: what the log says of itself, in the words of C2SP tlog-checkpoint and signed-note.

A note is a text, an empty line, and signatures: `— name base64(key id, signature)`. The text of
a checkpoint is three lines: the log's name (its origin), how many records, and the tree's root.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.audit.domain.merkle import HASH_BYTES
from services.chassis.errors import InvalidError

ED25519 = 1
"""The kind of a key that signs notes."""
COSIGNATURE = 4
"""The kind of a key that cosigns checkpoints, with a time (C2SP tlog-cosignature)."""
KEY_ID_BYTES = 4
MAX_NOTE_CHARACTERS = 64 * 1024
MARK = "— "
NAME = re.compile(r"[^\s+]+")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
VERIFIER_KEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


class NoteError(InvalidError):
    """This is not a signed checkpoint."""

    reason = "NOT_A_CHECKPOINT"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log of so many records, and the root of the tree over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """A line under a note, not verified yet."""

    name: str
    key_id: bytes
    content: bytes

    def line(self) -> str:
        """Return the line."""
        return f"{MARK}{self.name} {base64.b64encode(self.key_id + self.content).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it."""

    text: str
    signatures: Sequence[Signature]

    def whole(self) -> str:
        """Return the note as it is passed around."""
        return self.text + "\n" + "".join(signature.line() for signature in self.signatures)

    def checkpoint(self) -> Checkpoint:
        """Return the checkpoint in the text; raises NoteError where there is none."""
        origin, size, root, *_ = [*self.text.split("\n"), "", "", ""]
        if not origin or not SIZE.fullmatch(size):
            raise NoteError("a checkpoint names its log and its size")
        found = _decoded(root)
        if len(found) != HASH_BYTES:
            raise NoteError("the root of a checkpoint is a SHA-256")
        return Checkpoint(origin, int(size), found)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who may have signed: a name, the kind of key, and the key."""

    name: str
    kind: int
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Return the id that is written before a signature."""
        told = self.name.encode() + b"\n" + bytes([self.kind]) + self.key
        return hashlib.sha256(told).digest()[:KEY_ID_BYTES]

    def text(self) -> str:
        """Return the key as a verifier key, the form it is handed out in."""
        coded = base64.b64encode(bytes([self.kind]) + self.key).decode()
        return f"{self.name}+{self.key_id.hex()}+{coded}"

    def speaks_for(self, origin: str) -> bool:
        """Tell whether this may be a key of that log; a witness's never is."""
        return self.kind == ED25519 and self.name == origin


def read_key(text: str) -> PublicKey:
    """Read a verifier key: name, key id and key."""
    found = VERIFIER_KEY.fullmatch(text.strip())
    if found is None:
        raise NoteError("a verifier key is NAME+ID+KEY")
    content = _decoded(found[3])
    key = PublicKey(found[1], content[0] if content else 0, content[1:])
    if key.key_id.hex() != found[2] or len(key.key) != HASH_BYTES:
        raise NoteError(f"the key of {found[1]} does not fit its id")
    return key


def read_note(whole: str) -> Note:
    """Take a note apart; raises NoteError. Who signed is to be verified."""
    if len(whole) > MAX_NOTE_CHARACTERS:
        raise NoteError("a checkpoint is a few lines")
    text, gap, signed = whole.rpartition("\n\n")
    if not gap or not signed.endswith("\n") or not text:
        raise NoteError("a note is a text, an empty line, and signatures")
    return Note(text + "\n", [_signature(line) for line in signed[:-1].split("\n")])


def cosigned(text: str, time: int) -> bytes:
    """Return what a witness signs of a checkpoint."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def is_due(size: int, sealed: int, waited: float, *, records: int, seconds: float) -> bool:
    """Tell whether a checkpoint is to be signed: so many records came, or the oldest waited long.

    A log without records gets none.
    """
    coming = size - sealed
    return coming >= records or (coming > 0 and waited >= seconds)


def _signature(line: str) -> Signature:
    name, _, coded = line.removeprefix(MARK).partition(" ")
    content = _decoded(coded)
    if not line.startswith(MARK) or not NAME.fullmatch(name) or len(content) <= KEY_ID_BYTES:
        raise NoteError("a line of signature is — NAME SIGNATURE")
    return Signature(name, content[:KEY_ID_BYTES], content[KEY_ID_BYTES:])


def _decoded(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
    if base64.b64encode(found).decode() != text:
        raise NoteError("not the one base64 of its bytes")
    return found
