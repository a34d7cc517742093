"""What is shown of the log: checkpoints, and records with the way from their leaf to the root."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.audit.domain.checkpoints import Checkpoint
from services.chassis.errors import NotFoundError


class NoCheckpointError(NotFoundError):
    """There is no checkpoint of this size yet."""

    reason = "CHECKPOINT_NOT_FOUND"


class UnknownDecisionError(NotFoundError):
    """There is no record of this decision under this checkpoint; perhaps under the next."""

    reason = "DECISION_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed checkpoint."""

    checkpoint: Checkpoint
    note: str
    sign_time: datetime
    keys: Sequence[str] = ()
    """The verifier keys of all who sign or ever signed, the newest first."""

    @property
    def origin(self) -> str:
        """Return the name of the log."""
        return self.checkpoint.origin

    @property
    def size(self) -> int:
        """Return how many records the log has."""
        return self.checkpoint.size

    @property
    def root_hash(self) -> str:
        """Return the root of the tree over them, in base64."""
        return base64.b64encode(self.checkpoint.root).decode()


@dataclass(frozen=True, slots=True)
class Placed:
    """A record at its place in the log."""

    index: int
    record: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """A record, and the hashes from its leaf to a root."""

    placed: Placed
    hashes: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Proven:
    """Records shown to be in the log of a checkpoint, and how many wait for the next."""

    proofs: Sequence[Proof]
    checkpoint: Signed | None
    waiting_count: int = 0
