"""Who signed a checkpoint, worked out here as C2SP signed-note says.

The script of the page does the same again in the browser, where that knows Ed25519.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from qyzmet.audit.v1 import audit_pb2 as pb

ED25519 = 1
"""The kind of a key that signs notes."""
ID_BYTES = 4
MARK = "— "


def signer_of(checkpoint: pb.Checkpoint) -> str:
    """Return the key of the log that signed a checkpoint, as it is handed out; empty if none did.

    A key is `NAME+ID+KEY`, and a line of signature `— NAME SIGNATURE`, behind an empty line.
    """
    text, _, below = checkpoint.note.rpartition("\n\n")
    signatures = list(_signatures(below.splitlines()))
    for key in checkpoint.keys:
        if _has_signed(key, f"{text}\n", signatures):
            return str(key)
    return ""


def names_root(checkpoint: pb.Checkpoint) -> bool:
    """Tell whether the note that is signed names this log, this size and this root."""
    lines = checkpoint.note.split("\n")
    return lines[:3] == [checkpoint.origin, str(checkpoint.size), checkpoint.root_hash]


def _signatures(lines: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for line in lines:
        name, _, coded = line.removeprefix(MARK).partition(" ")
        if line.startswith(MARK) and (content := decoded(coded)):
            yield name, content


def _has_signed(text: str, note: str, signatures: Iterable[tuple[str, bytes]]) -> bool:
    name, _, rest = text.partition("+")
    key_id, _, coded = rest.partition("+")
    key = decoded(coded)
    told = hashlib.sha256(name.encode() + b"\n" + key).digest()[:ID_BYTES]
    if key[:1] != bytes([ED25519]) or told.hex() != key_id:
        return False
    return any(
        _fits(key[1:], content[ID_BYTES:], note)
        for who, content in signatures
        if (who, content[:ID_BYTES]) == (name, told)
    )


def _fits(key: bytes, signature: bytes, note: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, note.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def decoded(text: str) -> bytes:
    """Return the bytes of base64; none where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
