"""Checkpoints in SQL: signed by one process at a time, and published from the same commit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.audit.domain import merkle
from services.audit.domain.checkpoints import Checkpoint, Note, is_due
from services.audit.domain.proofs import Signed
from services.audit.store import log
from services.audit.store.keys import LogKeys
from services.audit.store.tables import checkpoints_table, outbox
from services.chassis.database import Database
from services.chassis.outbox import Lease
from services.chassis.rounds import Rest, Rounds
from services.chassis.sql import micros

LOOK_SECONDS = 0.5

LATEST = sa.select(checkpoints_table).order_by(checkpoints_table.c.size.desc()).limit(1)

Publish = Callable[[Signed], dict[str, Any]]
"""Makes the outbox row of a checkpoint; handed in by app, since the store knows no wire."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """When and how checkpoints are signed."""

    database: Database
    keys: LogKeys
    origin: str
    publish: Publish
    now: Callable[[], datetime]
    lease: Lease
    records: int
    seconds: float

    def seal_if_due(self, waited: float) -> Signed | None:
        """Sign a checkpoint where one is due; of several processes the one with the lease does."""
        return self.database.change(lambda connection: self._seal(connection, waited))

    def _seal(self, connection: sa.Connection, waited: float) -> Signed | None:
        size, last = log.size_of(connection), connection.execute(LATEST).first()
        sealed = last.size if last else 0
        due = is_due(size, sealed, waited, records=self.records, seconds=self.seconds)
        if not due or not self.lease.take(connection):
            return None
        signed = self._sign(size, merkle.root(size, log.node_in(connection)))
        row = {"size": size, "note": signed.note, "sign_time": micros(signed.sign_time)}
        connection.execute(sa.insert(checkpoints_table), row)
        connection.execute(sa.insert(outbox), self.publish(signed))
        return signed

    def _sign(self, size: int, root: bytes) -> Signed:
        signers = self.keys.signers()
        checkpoint = Checkpoint(self.origin, size, root)
        text = checkpoint.text()
        note = Note(text, [signer.sign(text) for signer in signers])
        keys = [key.text() for key in self.keys.public()]
        return Signed(checkpoint, note.whole(), self.now(), keys)


class Sealer(Rounds):
    """Looks twice a second whether a checkpoint is due."""

    def __init__(self, sealing: Sealing, monotonic: Callable[[], float]) -> None:
        super().__init__("sealer", self._look)
        self._sealing = sealing
        self._monotonic = monotonic
        self._since = monotonic()

    def _look(self) -> Rest:
        if self._sealing.seal_if_due(self._monotonic() - self._since) is not None:
            self._since = self._monotonic()
        return Rest.whole(LOOK_SECONDS)
