"""Checkpoints in SQL: signed by one process at a time, and published from the same commit."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog

from services.audit.domain import merkle
from services.audit.domain.checkpoints import Checkpoint, Note, is_due
from services.audit.domain.proofs import Signed
from services.audit.store import log
from services.audit.store.keys import LogKeys
from services.audit.store.tables import checkpoints_table, outbox
from services.chassis.database import Database
from services.chassis.errors import ServiceError
from services.chassis.outbox import Lease
from services.chassis.sql import micros
from services.chassis.telemetry import failure

LOOK_SECONDS = 0.5

LATEST = sa.select(checkpoints_table).order_by(checkpoints_table.c.size.desc()).limit(1)

logger = structlog.get_logger()


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


class Sealer:
    """Looks twice a second whether a checkpoint is due, on a thread of its own."""

    def __init__(self, sealing: Sealing, monotonic: Callable[[], float]) -> None:
        self._sealing = sealing
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="sealer", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self, grace: float) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(grace)

    def _loop(self) -> None:
        since = self._monotonic()
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                signed = self._sealing.seal_if_due(self._monotonic() - since)
            except ServiceError as error:
                logger.warning("checkpoint waits", code=error.reason)
            except Exception as error:  # noqa: BLE001  the sealer outlives every surprise
                logger.error("checkpoint failed", **failure(error))
            else:
                if signed is not None:
                    since = self._monotonic()
