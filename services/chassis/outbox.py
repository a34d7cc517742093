"""The transactional outbox: an event commits with the change it tells of, and is published after.

Columns are those of Debezium's outbox event router, so that it can take the
relay's place. Publishing is at least once; consumers drop what they have seen.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
import structlog

from services.chassis import sql
from services.chassis.bus.pace import SPACING
from services.chassis.bus.port import Message
from services.chassis.database import Database
from services.chassis.errors import ServiceError
from services.chassis.telemetry import failure

IDLE_SECONDS = 0.5
FAILED_SECONDS = 1.0

log = structlog.get_logger()


def outbox_table(metadata: sa.MetaData) -> sa.Table:
    """Define the table of events that are committed and not yet published."""
    return sa.Table(
        "outbox",
        metadata,
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("aggregatetype", sa.Text, nullable=False),
        sa.Column("aggregateid", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("headers", sa.LargeBinary, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )


def leases_table(metadata: sa.MetaData) -> sa.Table:
    """Define the table of who alone does what, until when."""
    return sa.Table(
        "leases",
        metadata,
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
    )


def row(id_: str, message: Message, event_type: str) -> dict[str, Any]:
    """Return a message as a row of the outbox."""
    return {
        "id": id_,
        "aggregatetype": message.topic,
        "aggregateid": message.key,
        "type": event_type,
        "headers": msgspec.json.encode(message.headers),
        "payload": message.value,
    }


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do something alone for a while; the same holder may renew it at any time."""

    table: sa.Table
    name: str
    holder: str
    seconds: float

    def take(self, connection: sa.Connection) -> bool:
        """Take or renew the lease; tell whether it is ours."""
        now = time.time()
        wanted = {"name": self.name, "holder": self.holder, "expires": now + self.seconds}
        taking = _taking(connection.dialect.name, self.table)
        return connection.execute(taking, {**wanted, "now": now}).first() is not None


@lru_cache(100)
def _taking(dialect: str, leases: sa.Table) -> Any:
    """One statement, so that of two who ask at the same moment one gets the lease."""
    insert = sql.insert_into(dialect, leases)
    free = (leases.c.holder == insert.excluded.holder) | (leases.c.expires < sa.bindparam("now"))
    return insert.on_conflict_do_update(
        index_elements=[leases.c.name],
        set_={"holder": insert.excluded.holder, "expires": insert.excluded.expires},
        where=free,
    ).returning(leases.c.name)


class Publisher(Protocol):
    """What a relay needs of the bus."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Write all durably, or raise; after an error publish again (duplicates, never loss)."""


class Relay:
    """Publishes the outbox in order; of several relays the one with the lease works.

    A row goes only after the bus has acknowledged it. There is no high-water
    mark: a row that commits late is found by the next look.
    """

    def __init__(
        self, database: Database, outbox: sa.Table, lease: Lease, bus: Publisher, *, batch_size: int
    ) -> None:
        self._database = database
        self._next = sa.select(outbox).order_by(outbox.c.sequence).limit(batch_size)
        gone = outbox.c.sequence.in_(sa.bindparam("done", expanding=True))
        self._remove = sa.delete(outbox).where(gone)
        self._lease = lease
        self._bus = bus
        self._batch_size = batch_size
        self._lease_until = 0.0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="relay", daemon=True)
        database.writer.after_commit(self._wake.set)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def stop(self, grace: float) -> None:
        """End after the batch at hand."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(grace)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                leads = self._leads()
                published = self._publish_next() if leads else 0
            except ServiceError as error:
                log.warning("relay waits", lease=self._lease.name, code=error.reason)
                self._stopping.wait(FAILED_SECONDS)
                continue
            except Exception as error:  # noqa: BLE001  the relay outlives every surprise
                log.error("relay failed", lease=self._lease.name, **failure(error))
                self._stopping.wait(FAILED_SECONDS)
                continue
            if not leads:
                # Asking for the lease commits, which would wake us at once.
                self._stopping.wait(IDLE_SECONDS)
            elif published < self._batch_size:
                if published:
                    self._stopping.wait(SPACING)
                self._wake.wait(IDLE_SECONDS)
                self._wake.clear()

    def _leads(self) -> bool:
        now = time.monotonic()
        if now >= self._lease_until:
            if not self._database.change(self._lease.take):
                return False
            self._lease_until = now + self._lease.seconds / 3
        return True

    def _publish_next(self) -> int:
        with self._database.read() as connection:
            rows = connection.execute(self._next).all()
        if not rows:
            return 0
        self._bus.publish([_message(found) for found in rows])
        done = {"done": [found.sequence for found in rows]}
        self._database.change(lambda connection: connection.execute(self._remove, done) and None)
        return len(rows)


def _message(found: Any) -> Message:
    headers = msgspec.json.decode(found.headers, type=dict[str, str])
    return Message(found.aggregatetype, found.aggregateid, found.payload, headers)
