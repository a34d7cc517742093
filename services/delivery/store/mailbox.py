"""SQL ⇄ domain: what an office sees of the way its webhooks went, and sets right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.chassis import sql
from services.chassis.database import Database
from services.delivery.domain.subscriptions import (
    State,
    Subscription,
    UnknownSubscriptionError,
)
from services.delivery.domain.webhooks import (
    Attempt,
    ChangedMeanwhileError,
    DeadLetter,
    NothingDeadError,
    Secrets,
)
from services.delivery.store import tables
from services.delivery.store.subscriptions import NEVER, Seal, from_row
from services.delivery.store.webhooks import row_of, secrets_of

subscriptions, deliveries, attempts = tables.subscriptions, tables.deliveries, tables.attempts
behind = deliveries.alias("behind")
AFRESH = {"attempts": 0, "first_attempt_time": NEVER}
"""As if it had never been tried."""
WAITING_BEHIND = (
    sa.select(sa.func.count())
    .select_from(behind)
    .where(
        behind.c.subscription_id == deliveries.c.subscription_id,
        behind.c.case_id == deliveries.c.case_id,
        behind.c.sequence > deliveries.c.sequence,
    )
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class SqlMailbox:
    """Attempts, dead letters and secrets in SQL; fits the port Mailbox."""

    database: Database
    seal: Seal

    def secrets(self, subscription: Subscription, now: datetime) -> Secrets:
        """Return what a subscription's messages are signed with."""
        with self.database.read() as connection:
            return secrets_of(self.seal, _row(connection, subscription), sql.micros(now))

    def rotate(
        self, subscription: Subscription, secret: str, now: datetime, expires: datetime
    ) -> Subscription:
        """Put a new secret in place; the one before is good until it expires.

        While one is good still, it stays: whoever lost the answer to a rotation rotates again.
        """

        def work(connection: sa.Connection, row: Any) -> dict[str, Any]:
            is_rotating = row.previous_secret_expire_time > sql.micros(now)
            kept = row.previous_secret if is_rotating else row.secret
            return {
                "secret": self.seal.close(row.id, secret),
                "previous_secret": kept,
                "previous_secret_expire_time": sql.micros(expires),
            }

        return self._change(subscription, work)

    def activate(
        self, subscription: Subscription, validated: Secrets, now: datetime
    ) -> Subscription:
        """Begin to deliver, at once and as if nothing had been tried: what failed is mended.

        Refuse where address or secret are not those validated.
        """

        def work(connection: sa.Connection, row: Any) -> dict[str, Any]:
            secret = self.seal.open(row.id, row.secret)
            if (row.url, secret) != (subscription.url, validated.current):
                raise ChangedMeanwhileError
            at_once = (
                sa.update(deliveries)
                .where(deliveries.c.subscription_id == row.id, ~deliveries.c.is_dead)
                .values(**AFRESH, due=sql.micros(now))
            )
            connection.execute(at_once)
            return {
                "state": State.ACTIVE,
                "disabled_reason": "",
                "failures": 0,
                "held_until": NEVER,
            }

        return self._change(subscription, work)

    def note(self, subscription: Subscription, attempt: Attempt) -> None:
        """Keep an attempt that belongs to no event of the feed."""
        row = row_of(attempt, subscription.id)
        self.database.change(
            lambda connection: connection.execute(sa.insert(attempts), [row]) and None
        )

    def attempts(self, subscription: Subscription, before: int, limit: int) -> Sequence[Attempt]:
        """Return attempts, newest first."""
        wanted = sa.select(attempts).where(attempts.c.subscription_id == subscription.id)
        if before:
            wanted = wanted.where(attempts.c.id < before)
        with self.database.read() as connection:
            found = connection.execute(wanted.order_by(attempts.c.id.desc()).limit(limit))
            return [_attempt_of(row) for row in found]

    def dead_letters(
        self, subscription: Subscription, after: int, limit: int
    ) -> Sequence[DeadLetter]:
        """Return what was given up, oldest first."""
        wanted = (
            sa.select(deliveries, WAITING_BEHIND.label("waiting_behind"))
            .where(_is_dead(subscription), deliveries.c.sequence > after)
            .order_by(deliveries.c.sequence)
            .limit(limit)
        )
        with self.database.read() as connection:
            return [_dead_letter_of(row) for row in connection.execute(wanted)]

    def send_again(
        self, subscription: Subscription, sequences: Sequence[int], now: datetime
    ) -> int:
        """Put dead letters on their way again; none named means all. Return how many."""
        which = _is_dead(subscription)
        if sequences:
            which &= deliveries.c.sequence.in_(sequences)
        again = (
            sa.update(deliveries).where(which).values(**AFRESH, is_dead=False, due=sql.micros(now))
        )

        def work(connection: sa.Connection) -> int:
            count = connection.execute(again).rowcount
            if sequences and count != len(sequences):
                raise NothingDeadError(field="sequences")
            return count

        return self.database.change(work)

    def _change(
        self,
        subscription: Subscription,
        work: Callable[[sa.Connection, Any], dict[str, Any]],
    ) -> Subscription:
        def change(connection: sa.Connection) -> Subscription:
            values = work(connection, _row(connection, subscription, lock=True))
            this = subscriptions.c.id == subscription.id
            connection.execute(sa.update(subscriptions).where(this).values(values))
            return from_row(_row(connection, subscription))

        return self.database.change(change)


def _row(connection: sa.Connection, subscription: Subscription, *, lock: bool = False) -> Any:
    wanted = sa.select(subscriptions).where(subscriptions.c.id == subscription.id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        raise UnknownSubscriptionError(field="name")
    return row


def _is_dead(subscription: Subscription) -> sa.ColumnElement[bool]:
    return (deliveries.c.subscription_id == subscription.id) & deliveries.c.is_dead


def _attempt_of(row: Any) -> Attempt:
    return Attempt(
        id=row.id,
        sequence=row.sequence,
        event_id=row.event_id,
        number=row.number,
        attempt_time=sql.time_of(row.attempt_time),
        status=row.status,
        code=row.code,
        duration_ms=row.duration_ms,
    )


def _dead_letter_of(row: Any) -> DeadLetter:
    return DeadLetter(
        sequence=row.sequence,
        event_id=row.event_id,
        case_id=row.case_id,
        attempts=row.attempts,
        code=row.code,
        first_attempt_time=sql.time_of(row.first_attempt_time),
        waiting_behind=row.waiting_behind,
    )
