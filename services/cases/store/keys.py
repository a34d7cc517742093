"""The key of each case, in a database of its own, wrapped under this installation's master key.

AES-256-GCM throughout; the case id is authenticated with every ciphertext, so
that neither words nor keys can be moved from one case to another. Destroying a
case's key erases its words, wherever copies of the ciphertext may be.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.cases.domain import Words, pseudonym, salt_of
from services.cases.ports import Opened
from services.cases.store import statements
from services.chassis.database import Database
from services.chassis.errors import InternalError
from services.chassis.keyfile import load_or_make

KEY_BYTES = 32
NONCE_BYTES = 12

_words = msgspec.json.Decoder(Words)


class Keys:
    """Makes, keeps and uses the keys of cases."""

    def __init__(self, database: Database, master: bytes) -> None:
        self._database = database
        self._master = AESGCM(master)
        self._mac_key = hashlib.sha256(b"qyzmet submission mac\0" + master).digest()
        self._staff_key = hashlib.sha256(b"qyzmet staff pseudonyms\0" + master).digest()

    def new(self, case_id: str) -> bytes:
        """Make and keep the key of a new case."""
        key = AESGCM.generate_key(KEY_BYTES * 8)
        row = {"case_id": case_id, "wrapped": _seal(self._master, case_id, key)}
        self._database.share(_add, row)
        return key

    def forget(self, case_id: str) -> None:
        """Destroy the key of a case: one that did not come about, or whose words are erased."""
        self._database.change(lambda connection: _destroy(connection, case_id))

    def seal(self, case_id: str, key: bytes, words: Words) -> bytes:
        """Encrypt the words of a case."""
        return _seal(AESGCM(key), case_id, msgspec.json.encode(words))

    def open(self, sealed: Mapping[str, bytes]) -> Mapping[str, Opened]:
        """Decrypt the words of many cases; a case whose key is destroyed is left out."""
        found = self._find(list(sealed))
        return {
            case_id: Opened(
                _words.decode(_open(AESGCM(key), case_id, sealed[case_id])), salt_of(key)
            )
            for case_id, key in found.items()
        }

    def pseudonym(self, subject: str) -> str:
        """Return the name a member of staff has in every decision of this installation."""
        return pseudonym(self._staff_key, subject)

    def mac(self, body: bytes) -> bytes:
        """Return a fingerprint of a request that nobody without the master key can guess at."""
        return hmac.digest(self._mac_key, body, "sha256")

    def _find(self, case_ids: Sequence[str]) -> Mapping[str, bytes]:
        with self._database.read() as connection:
            rows = connection.execute(statements.KEYS, {"ids": case_ids})
            return {row.case_id: _open(self._master, row.case_id, row.wrapped) for row in rows}


def _add(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> Sequence[None]:
    connection.execute(statements.ADD_KEY, list(rows))
    return [None] * len(rows)


def _destroy(connection: sa.Connection, case_id: str) -> None:
    if connection.dialect.name == "sqlite":
        # What is deleted would else stay readable in the file until its page is used again.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    connection.execute(statements.REMOVE_KEY, {"of": case_id})


def master_key(folder: Path) -> bytes:
    """Load the master key from a folder, or make one there, readable by the owner only."""
    return load_or_make(folder / "master.key", lambda: secrets.token_bytes(KEY_BYTES))


def _seal(cipher: AESGCM, case_id: str, plain: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, case_id.encode())


def _open(cipher: AESGCM, case_id: str, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], case_id.encode())
    except InvalidTag as error:
        raise InternalError("the words do not open with their key") from error
