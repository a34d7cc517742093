"""The key of each case, in a database of its own, wrapped under this installation's master key.

AES-256-GCM throughout; the case id is authenticated with every ciphertext (with
what was said later, also the request it came with), so that neither words nor
keys can be moved from one case to another. Destroying a
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
from services.cases.store import statements, tables
from services.chassis import sql
from services.chassis.database import Database
from services.chassis.errors import InternalError
from services.chassis.keyfile import load_or_make

KEY_BYTES = 32
NONCE_BYTES = 12
PSEUDONYM_DIGITS = 32

_words = msgspec.json.Decoder(Words)


class Keys:
    """Makes, keeps and uses the keys of cases."""

    def __init__(self, database: Database, master: bytes) -> None:
        self._database = database
        self._master = AESGCM(master)
        self._writer_key = hashlib.sha256(b"qyzmet writer pseudonym\0" + master).digest()
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

    def seal(self, case_id: str, key: bytes, words: Words, *, name: str = "") -> bytes:
        """Encrypt the words of a case: those it began with, or what a named request says."""
        return _seal(AESGCM(key), _place(case_id, name), msgspec.json.encode(words))

    def open_messages(self, case_id: str, sealed: Mapping[str, bytes]) -> Mapping[str, Words]:
        """Decrypt what was said on a case, by request; nothing where its key is destroyed."""
        if not sealed or (key := self.find([case_id]).get(case_id)) is None:
            return {}
        cipher = AESGCM(key)
        return {
            name: msgspec.json.decode(_open(cipher, _place(case_id, name), one), type=Words)
            for name, one in sealed.items()
        }

    def open(self, sealed: Mapping[str, bytes]) -> Mapping[str, Opened]:
        """Decrypt the words of many cases; a case whose key is destroyed is left out."""
        found = self.find(list(sealed))
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

    def writer(self, person: bytes) -> str:
        """Return a name for whoever corrects us, that leads back only with the master key."""
        return hmac.digest(self._writer_key, person, "sha256").hex()[:PSEUDONYM_DIGITS]

    def find(self, case_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Return the keys of those cases that still have one."""
        with self._database.read() as connection:
            rows = connection.execute(statements.KEYS, {"ids": case_ids})
            return {row.case_id: _open(self._master, row.case_id, row.wrapped) for row in rows}


def _add(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> Sequence[None]:
    sql.add(connection, tables.keys, rows)
    return [None] * len(rows)


def _destroy(connection: sa.Connection, case_id: str) -> None:
    if connection.dialect.name == "sqlite":
        # What is deleted would else stay readable in the file until its page is used again.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    connection.execute(statements.REMOVE_KEY, {"of": case_id})


def master_key(folder: Path) -> bytes:
    """Load the master key from a folder, or make one there, readable by the owner only."""
    return load_or_make(folder / "master.key", lambda: secrets.token_bytes(KEY_BYTES))


def _place(case_id: str, name: str) -> str:
    """Return what is authenticated with a text: where it belongs, and nowhere else."""
    return f"{case_id}/{name}" if name else case_id


def _seal(cipher: AESGCM, place: str, plain: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, place.encode())


def _open(cipher: AESGCM, place: str, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except InvalidTag as error:
        raise InternalError("the words do not open with their key") from error
