"""SQL ⇄ domain: subscriptions, their places in the feeds, and their sealed secrets."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.chassis import sql
from services.chassis.database import Database
from services.chassis.errors import ServiceError
from services.delivery.domain.subscriptions import (
    MAX_SUBSCRIPTIONS,
    Filter,
    Kind,
    State,
    Subscription,
    SubscriptionExistsError,
    TooManySubscriptionsError,
    UnknownSubscriptionError,
)
from services.delivery.ports.subscriptions import Change
from services.delivery.store import feed_table, offices_table, tables

NONCE_BYTES = 12
NEVER = 0

table = tables.subscriptions
FIND = sa.select(table).where(
    table.c.office == sa.bindparam("of"), table.c.name == sa.bindparam("called")
)
THIS = sa.select(table).where(table.c.id == sa.bindparam("of")).with_for_update()
CHANGEABLE = ("filter", "url", "state", "disabled_reason", "update_time")
OF_OFFICE = sa.select(table).where(table.c.office == sa.bindparam("of")).order_by(table.c.name)
STREAMS = sa.select(table).where(
    table.c.kind == Kind.STREAM, table.c.office.in_(sa.bindparam("offices", expanding=True))
)
ACKNOWLEDGE = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("of"), table.c.position < sa.bindparam("to"))
    .values(position=sa.bindparam("to"))
)
SKIP = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("of"), table.c.position == sa.bindparam("seen"))
    .values(position=sa.bindparam("to"))
)
POSITION = sa.select(table.c.position).where(table.c.id == sa.bindparam("of"))


class Seal:
    """Encrypts the secrets of webhooks under this installation's key, each bound to its owner."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)

    def close(self, owner: str, secret: str) -> bytes:
        """Return a secret as it is kept; none is kept as nothing."""
        if not secret:
            return b""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._key.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, owner: str, kept: bytes) -> str:
        """Return a secret as it was."""
        if not kept:
            return ""
        nonce, sealed = kept[:NONCE_BYTES], kept[NONCE_BYTES:]
        return self._key.decrypt(nonce, sealed, owner.encode()).decode()


@dataclass(frozen=True, slots=True)
class SqlSubscriptions:
    """The subscriptions in SQL; fits the ports Subscriptions and Places."""

    database: Database
    seal: Seal

    def add(self, wanted: Subscription, secret: str) -> Subscription:
        """Keep a subscription; where the name is taken, return what it holds or refuse."""
        kept = {"secret": self.seal.close(wanted.id, secret), "previous_secret": b""}
        return self.database.change(lambda connection: _add(connection, wanted, kept))

    def find(self, office: str, name: str) -> Subscription:
        """Return a subscription, or raise UnknownSubscriptionError."""
        with self.database.read() as connection:
            return _find(connection, office, name)

    def of_office(self, office: str) -> Sequence[Subscription]:
        """Return an office's subscriptions, by name."""
        with self.database.read() as connection:
            return [from_row(row) for row in connection.execute(OF_OFFICE, {"of": office})]

    def streams(self, offices: Collection[str]) -> Sequence[Subscription]:
        """Return the subscriptions of these offices that are read as streams."""
        with self.database.read() as connection:
            rows = connection.execute(STREAMS, {"offices": list(offices)})
            return [from_row(row) for row in rows]

    def update(self, subscription: Subscription, change: Change) -> Subscription:
        """Change filter, address and state, from what they are in the same moment."""

        def work(connection: sa.Connection) -> Subscription:
            row = connection.execute(THIS, {"of": subscription.id}).first()
            if row is None:
                raise UnknownSubscriptionError(field="name")
            after = _values(change(from_row(row)))
            changed = {name: after[name] for name in CHANGEABLE}
            connection.execute(
                sa.update(table).where(table.c.id == subscription.id).values(changed)
            )
            return _find(connection, subscription.office, subscription.name)

        return self.database.change(work)

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription and what it had not delivered."""

        def work(connection: sa.Connection) -> None:
            for of in (tables.deliveries, tables.attempts):
                connection.execute(sa.delete(of).where(of.c.subscription_id == subscription.id))
            connection.execute(sa.delete(table).where(table.c.id == subscription.id))

        self.database.change(work)

    def move(self, subscription: Subscription, position: int) -> Subscription:
        """Put it at another place of its feed; what waits to be sent from before does not."""
        waiting = tables.deliveries

        def work(connection: sa.Connection) -> Subscription:
            connection.execute(
                sa.update(table).where(table.c.id == subscription.id).values(position=position)
            )
            connection.execute(
                sa.delete(waiting).where(waiting.c.subscription_id == subscription.id)
            )
            return _find(connection, subscription.office, subscription.name)

        return self.database.change(work)

    def acknowledge(self, subscription: Subscription, position: int) -> int:
        """Move a cursor ahead, never back; return where it stands."""
        at: int = self.database.share(_acknowledge, {"of": subscription.id, "to": position})
        return at

    def skip(self, subscription: Subscription, position: int) -> None:
        """Move a cursor ahead over what is not wanted, unless it was moved since it was read."""
        skip = {"of": subscription.id, "seen": subscription.position, "to": position}
        self.database.change(lambda connection: connection.execute(SKIP, skip) and None)

    def before(self, office: str, time: datetime) -> int:
        """Return the last sequence that entered an office's feed before a time; 0 for none."""
        with self.database.read() as connection:
            return _last_before(connection, office, sql.micros(time))


def _add(connection: sa.Connection, wanted: Subscription, kept: dict[str, bytes]) -> Subscription:
    known = [from_row(row) for row in connection.execute(OF_OFFICE, {"of": wanted.office})]
    if all(one.name != wanted.name for one in known) and len(known) >= MAX_SUBSCRIPTIONS:
        raise TooManySubscriptionsError(f"an office has at most {MAX_SUBSCRIPTIONS}")
    sql.ensure(connection, table, [{**_values(wanted), **kept, **UNTRIED}])
    found = _find(connection, wanted.office, wanted.name)
    if not found.repeats(wanted):
        raise SubscriptionExistsError(field="name")
    return found


UNTRIED = {"failures": 0, "held_until": NEVER, "success_time": NEVER}


def _find(connection: sa.Connection, office: str, name: str) -> Subscription:
    row = connection.execute(FIND, {"of": office, "called": name}).first()
    if row is None:
        raise UnknownSubscriptionError(field="name")
    return from_row(row)


def _acknowledge(
    connection: sa.Connection, cursors: Sequence[dict[str, Any]]
) -> Sequence[int | ServiceError]:
    connection.execute(ACKNOWLEDGE, list(cursors))
    found = [connection.execute(POSITION, {"of": one["of"]}).scalar() for one in cursors]
    return [UnknownSubscriptionError() if at is None else at for at in found]


def _last_before(connection: sa.Connection, office: str, time: int) -> int:
    """Halve the feed: times grow with sequences, and only sequences are in order on disk."""
    end = connection.execute(
        sa.select(offices_table.c.last_sequence).where(offices_table.c.office == office)
    ).scalar()
    low, high = 0, end or 0
    while low < high:
        middle = (low + high + 1) // 2
        entered = connection.execute(
            sa.select(feed_table.c.enqueue_time).where(
                feed_table.c.office == office, feed_table.c.sequence == middle
            )
        ).scalar()
        if entered is not None and entered < time:
            low = middle
        else:
            high = middle - 1
    return low


def _values(subscription: Subscription) -> dict[str, Any]:
    expires = subscription.previous_secret_expire_time
    return {
        **asdict(subscription),
        "filter": msgspec.json.encode(subscription.filter),
        "create_time": sql.micros(subscription.create_time),
        "update_time": sql.micros(subscription.update_time),
        "previous_secret_expire_time": sql.micros(expires) if expires else NEVER,
    }


def from_row(row: Any) -> Subscription:
    """Return a row as the subscription it holds."""
    expires = row.previous_secret_expire_time
    return Subscription(
        id=row.id,
        office=row.office,
        name=row.name,
        kind=Kind(row.kind),
        state=State(row.state),
        filter=msgspec.json.decode(row.filter, type=Filter),
        url=row.url,
        position=row.position,
        create_time=sql.time_of(row.create_time),
        update_time=sql.time_of(row.update_time),
        disabled_reason=row.disabled_reason,
        previous_secret_expire_time=sql.time_of(expires) if expires else None,
    )
