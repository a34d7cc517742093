"""The transactional outbox: an event commits with the change it tells of, and is published after.

Columns are those of Debezium's outbox event router, so that it can take the
relay's place. Publishing is at least once; consumers drop what they have seen.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from services.chassis import sql
from services.chassis.bus.pace import SPACING
from services.chassis.bus.port import Message
from services.chassis.database import Database
from services.chassis.metrics import Figure, Living
from services.chassis.rounds import AT_ONCE, Rest, Rounds

IDLE_SECONDS = 0.5
MOST_COUNTED = 10_000
"""Most events of an outbox that are counted one by one for who asks how many wait."""
TIME = "ce_time"
OUTBOXES = Living(
    "relay",
    Figure("qyzmet_outbox_waiting", "Events that are committed and not published yet."),
    Figure("qyzmet_outbox_oldest_seconds", "How long the oldest of them waits."),
)


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
        taking = _taking(connection.dialect.name, self.table)
        told = {"asked": self.name, "by": self.holder, "seconds": self.seconds, "now": time.time()}
        return connection.execute(taking, told).first() is not None


@lru_cache(100)
def _taking(dialect: str, leases: sa.Table) -> Any:
    """One statement, so that of two who ask at the same moment one gets the lease.

    Hosts go by the server's clock where there is a server. A file is of one host, whose clock may
    be set back: a lease that ends later than any taken now would is of a time that never was.
    """
    insert = sql.insert_into(dialect, leases)
    now, seconds = _now(dialect), sa.bindparam("seconds", type_=sa.Float)
    free = (
        (leases.c.holder == insert.excluded.holder)
        | (leases.c.expires < now)
        | (leases.c.expires > now + 2 * seconds)  # twice: another release may have another span
    )
    return (
        insert.values(name=sa.bindparam("asked"), holder=sa.bindparam("by"), expires=now + seconds)
        .on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={"holder": insert.excluded.holder, "expires": insert.excluded.expires},
            where=free,
        )
        .returning(leases.c.name)
    )


def _now(dialect: str) -> Any:
    if dialect == "postgresql":
        return sa.func.extract("epoch", sa.func.clock_timestamp()).cast(sa.Float)
    return sa.bindparam("now", type_=sa.Float)


class Turn:
    """Whether a lease is ours; asked anew when a third of it is over."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self._database = database
        self._lease = lease
        self._until = 0.0

    def is_ours(self) -> bool:
        """Tell whether we may work, having renewed the lease in time."""
        now = time.monotonic()
        if now >= self._until:
            if not self._database.change(self._lease.take):
                return False
            self._until = now + self._lease.seconds / 3
        return True


class Publisher(Protocol):
    """What a relay needs of the bus."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Write all durably, or raise; after an error publish again (duplicates, never loss)."""


class Relay(Rounds):
    """Publishes the outbox in order; of several relays the one with the lease works.

    A row goes only after the bus has acknowledged it. There is no high-water
    mark: a row that commits late is found by the next look.
    """

    def __init__(
        self, database: Database, outbox: sa.Table, lease: Lease, bus: Publisher, *, batch_size: int
    ) -> None:
        super().__init__(f"{lease.name}-{lease.holder}", self._publish)
        self._database = database
        self._next = sa.select(outbox).order_by(outbox.c.sequence).limit(batch_size)
        gone = outbox.c.sequence.in_(sa.bindparam("done", expanding=True))
        self._remove = sa.delete(outbox).where(gone)
        self._turn = Turn(database, lease)
        self._bus = bus
        self._batch_size = batch_size
        self._holder = lease.holder
        self._outbox = outbox
        database.writer.after_commit(self.wake)

    def start(self) -> None:
        """Begin."""
        OUTBOXES.add(self._holder, self._tell)
        super().start()

    def stop(self, grace: float) -> None:
        """End after the round at hand."""
        OUTBOXES.drop(self._holder, self._tell)
        super().stop(grace)

    def _tell(self) -> Mapping[str, float]:
        """Return the figures of OUTBOXES, whoever publishes."""
        with self._database.read() as connection:
            oldest = connection.execute(self._next.limit(1)).first()
            waiting = _waiting(connection, self._outbox)
        age = time.time() - _time_of(oldest) if oldest is not None else 0.0
        return {"qyzmet_outbox_waiting": waiting, "qyzmet_outbox_oldest_seconds": max(0.0, age)}

    def _publish(self) -> Rest:
        if not self._turn.is_ours():
            # Asking for the lease commits, which would wake us at once.
            return Rest.whole(IDLE_SECONDS)
        published = self._publish_next()
        if published == self._batch_size:
            return AT_ONCE
        return Rest(IDLE_SECONDS, SPACING if published else 0.0)

    def _publish_next(self) -> int:
        with self._database.read() as connection:
            rows = connection.execute(self._next).all()
        if not rows:
            return 0
        self._bus.publish([_message(found) for found in rows])
        done = {"done": [found.sequence for found in rows]}
        self._database.change(lambda connection: connection.execute(self._remove, done) and None)
        return len(rows)


def _waiting(connection: sa.Connection, outbox: sa.Table) -> int:
    """Count what waits; of a long backlog tell what lies between its ends, which costs nothing.

    Places that were given to changes which were undone are then counted too.
    """
    sequence = outbox.c.sequence
    some = sa.select(sequence).order_by(sequence).limit(MOST_COUNTED).subquery()
    counted = int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())
    if counted < MOST_COUNTED:
        return counted
    first, last = (
        connection.execute(sa.select(sequence).order_by(order).limit(1)).scalar_one()
        for order in (sequence.asc(), sequence.desc())
    )
    return int(last - first) + 1


def _time_of(found: Any) -> float:
    """Tell when an event came to be, in Unix seconds."""
    told = msgspec.json.decode(found.headers, type=dict[str, str]).get(TIME)
    return datetime.fromisoformat(told).timestamp() if told else time.time()


def _message(found: Any) -> Message:
    headers = msgspec.json.decode(found.headers, type=dict[str, str])
    return Message(found.aggregatetype, found.aggregateid, found.payload, headers)
