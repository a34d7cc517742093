"""What a browser keeps for us: sealed, so that it can neither be read nor changed, for a time."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
MASK_BYTES = 32


class Seals:
    """Seals values and makes the marks of forms, with keys derived from one."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_derive(key, b"seal"))
        self._forms = _derive(key, b"forms")

    def seal(self, kind: str, value: Mapping[str, Any], *, seconds: float) -> str:
        """Seal a value of a kind for so many seconds."""
        plain = json.dumps({**value, "end": time.time() + seconds}).encode()
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, plain, kind.encode())
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, kind: str, sealed: str) -> Mapping[str, Any] | None:
        """Return what was sealed as this kind; None where it was not by us, or too long ago."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            plain = self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], kind.encode())
        except (ValueError, InvalidTag):
            return None
        value: dict[str, Any] = json.loads(plain)
        return value if value["end"] > time.time() else None

    def mark(self, whose: str) -> str:
        """Return the mark of forms made for a browser.

        It looks different each time, so that compressing a page tells nothing of it (BREACH).
        """
        mask = secrets.token_bytes(MASK_BYTES)
        return base64.urlsafe_b64encode(mask + _xor(mask, self._mark(whose))).decode().rstrip("=")

    def is_mark(self, shown: str, whose: str) -> bool:
        """Tell whether a form that came back was made for this browser."""
        try:
            raw = base64.urlsafe_b64decode(shown + "=" * (-len(shown) % 4))
        except ValueError:
            return False
        mask, masked = raw[:MASK_BYTES], raw[MASK_BYTES:]
        return len(raw) == 2 * MASK_BYTES and hmac.compare_digest(
            _xor(mask, masked), self._mark(whose)
        )

    def _mark(self, whose: str) -> bytes:
        return hmac.digest(self._forms, whose.encode(), hashlib.sha256)


def new_key() -> bytes:
    """Make a key for all of this."""
    return secrets.token_bytes(KEY_BYTES)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, hashlib.sha256)


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=False))
