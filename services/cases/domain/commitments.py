"""What a decision may say of words and people without telling them: keyed fingerprints."""

import hashlib
import hmac

SALT_LABEL = b"qyzmet commitment salt v1"
PSEUDONYM_CHARACTERS = 32


def salt_of(key: bytes) -> bytes:
    """Return the salt of a case: made from its key, so that it dies with it.

    Who is shown the salt can open the commitments of this case, and not its words.
    """
    return hmac.digest(key, SALT_LABEL, hashlib.sha256)


def commitment(salt: bytes, text: str) -> str:
    """Return what binds a decision to the masked text it was made upon."""
    return hmac.digest(salt, text.encode(), hashlib.sha256).hex()


def pseudonym(secret: bytes, subject: str) -> str:
    """Return a name for somebody that only who has the secret can tie to them."""
    label = b"qyzmet subject\0" + subject.encode()
    return hmac.digest(secret, label, hashlib.sha256).hex()[:PSEUDONYM_CHARACTERS]
