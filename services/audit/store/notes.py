"""Signing notes and verifying signatures, with Ed25519."""

from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.audit.domain.checkpoints import (
    COSIGNATURE,
    ED25519,
    Note,
    PublicKey,
    Signature,
    cosigned,
)

TIME_BYTES = 8


class Signer:
    """Signs notes, or cosigns checkpoints, under a name."""

    def __init__(self, name: str, seed: bytes, kind: int = ED25519) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(name, kind, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Return the signature of a text."""
        return self._signature(self._key.sign(text.encode()))

    def cosign(self, text: str, time: int) -> Signature:
        """Return the cosignature of a checkpoint's text at a time (seconds since 1970)."""
        content = self._key.sign(cosigned(text, time))
        return self._signature(time.to_bytes(TIME_BYTES, "big") + content)

    def _signature(self, content: bytes) -> Signature:
        return Signature(self.public.name, self.public.key_id, content)


def signed_by(note: Note, keys: Iterable[PublicKey]) -> Sequence[PublicKey]:
    """Return those of the keys that signed a note."""
    return [key for key in keys if any(_holds(note.text, one, key) for one in note.signatures)]


def _holds(text: str, signature: Signature, key: PublicKey) -> bool:
    if (signature.name, signature.key_id) != (key.name, key.key_id):
        return False
    message, content = text.encode(), signature.content
    if key.kind == COSIGNATURE:
        message = cosigned(text, int.from_bytes(content[:TIME_BYTES], "big"))
        content = content[TIME_BYTES:]
    elif key.kind != ED25519:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(content, message)
    except (InvalidSignature, ValueError):
        return False
    return True
