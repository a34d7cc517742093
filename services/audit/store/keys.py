"""The keys of the log: the newest one signs, and so does each that was not retired yet.

A key is a file `log-1.key`, `log-2.key` …; to rotate is to make the next one. Checkpoints are
then signed by both, so that who knows the old key learns to trust the new one; the old key is
retired by removing its file, and what it signed stays verifiable by its public key, `log-1.pub`.
"""

import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from services.audit.domain.checkpoints import PublicKey, read_key
from services.audit.store.notes import Signer
from services.chassis.keyfile import load_or_make

SEED_BYTES = 32
FILE = re.compile(r"log-([1-9][0-9]{0,5})\.key")


class LogKeys:
    """The keys in a folder, under the name of the log; read anew at every signing."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._origin = origin

    def signers(self) -> Sequence[Signer]:
        """Return all who sign, the newest first; the first key is made where there is none."""
        numbers = self._numbers() or [1]
        return [self._signer(number) for number in sorted(numbers, reverse=True)]

    def rotate(self) -> Signer:
        """Make the next key."""
        return self._signer(max(self._numbers(), default=0) + 1)

    def public(self) -> Sequence[PublicKey]:
        """Return the public keys of all who sign or ever signed, the newest first."""
        signing = [signer.public for signer in self.signers()]
        kept = [read_key(path.read_text("ascii")) for path in self._folder.glob("log-*.pub")]
        return [*signing, *(key for key in kept if key not in signing)]

    def _numbers(self) -> list[int]:
        found = map(FILE.fullmatch, (path.name for path in self._folder.glob("log-*.key")))
        return [int(name[1]) for name in found if name]

    def _signer(self, number: int) -> Signer:
        path = self._folder / f"log-{number}.key"
        seed = load_or_make(path, lambda: secrets.token_bytes(SEED_BYTES))
        signer = Signer(self._origin, seed)
        load_or_make(path.with_suffix(".pub"), signer.public.text().encode)
        return signer
