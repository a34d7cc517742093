"""SQL ⇄ domain: what is on its way to webhooks, for several members at once.

A delivery is a row from the moment it is planned until it has arrived. Who sends it holds a
lease on it; one whose holder died is taken up by another when the lease is over.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.chassis import sql
from services.chassis.database import Database
from services.delivery.domain.subscriptions import State, Subscription
from services.delivery.domain.webhooks import (
    HOLD_AFTER,
    Attempt,
    Delivery,
    Disabled,
    Fate,
    Room,
    Secrets,
    Verdict,
)
from services.delivery.store import entry_of, outbox, statements, tables
from services.delivery.store.picking import Found, pick
from services.delivery.store.subscriptions import NEVER, Seal, from_row

Alarm = Callable[[Subscription, Disabled, datetime], dict[str, Any]]
"""Makes the outbox row that tells of a disabled subscription; the store knows no wire."""

Tried = tuple[Delivery, Attempt, Verdict]


@dataclass(slots=True)
class _Claim:
    """What a member took, and how much was let go on the way."""

    taken: list[Delivery] = field(default_factory=list)
    let_go: int = 0


@dataclass(frozen=True, slots=True)
class SqlPost:
    """Deliveries in SQL; fits the port Post."""

    database: Database
    seal: Seal
    member: str
    alarm: Alarm

    def plan(self, now: datetime) -> int:
        """Take up what is new in the feeds of active subscriptions; return how much was read."""
        with self.database.read() as connection:
            behind = connection.execute(statements.BEHIND).scalars().all()
        read = 0
        for id_ in behind:
            read += self.database.change(lambda connection, of=id_: _plan(connection, of, now))  # type: ignore[misc]  # mypy does not see through the default
        return read

    def claim(self, room: Room, now: datetime, until: datetime) -> Sequence[Delivery]:
        """Take what is due, for this member alone until a time."""
        if room.total <= 0:
            return []
        with self.database.read() as connection:
            due = connection.execute(statements.DUE, {"now": sql.micros(now)}).all()
        wanted = [row for row in due if room.free(row.office)]
        if not wanted:
            return []
        random.shuffle(wanted)  # where there is not room for all, none is always the last
        while True:
            claim = self.database.change(
                lambda connection: self._claim(connection, wanted, room, now, until)
            )
            if claim.taken or not claim.let_go:
                return claim.taken

    def record(self, delivery: Delivery, attempt: Attempt, verdict: Verdict) -> None:
        """Keep what became of an attempt: all of it, or nothing."""
        self.database.share(self._record, (delivery, attempt, verdict))

    def prune(self, before: datetime) -> None:
        """Forget attempts that began before a time."""
        old = sa.delete(tables.attempts).where(tables.attempts.c.attempt_time < sql.micros(before))
        self.database.change(lambda connection: connection.execute(old) and None)

    def _claim(
        self,
        connection: sa.Connection,
        wanted: Sequence[Any],
        room: Room,
        now: datetime,
        until: datetime,
    ) -> _Claim:
        claim = _Claim()
        given: Counter[str] = Counter()
        for row in wanted:
            free = min(room.free(row.office) - given[row.office], room.total - len(claim.taken))
            # A receiver that failed again and again is asked by one event whether it is back.
            most = min(free, 1) if row.failures >= HOLD_AFTER else free
            if most > 0:
                picked = pick(connection, row, now, most)
                given[row.office] += len(picked.found)
                claim.taken += self._lease(connection, row, picked.found, until)
                claim.let_go += picked.let_go
        return claim

    def _lease(
        self, connection: sa.Connection, row: Any, found: Found, until: datetime
    ) -> Sequence[Delivery]:
        if not found:
            return []
        leased = {"until": sql.micros(until), "by": self.member}
        connection.execute(
            statements.LEASE, [{"of": row.id, "at": one.sequence, **leased} for one, _ in found]
        )
        subscription = from_row(row)
        return [
            Delivery(
                subscription=subscription,
                secrets=secrets_of(self.seal, row, sql.micros(until)),
                entry=entry,
                attempts=one.attempts,
                first_attempt_time=_time(one.first_attempt_time),
                failures=row.failures,
                success_time=_time(row.success_time),
            )
            for one, entry in found
        ]

    def _record(self, connection: sa.Connection, tried: Sequence[Tried]) -> Sequence[None]:
        connection.execute(
            sa.insert(tables.attempts), [row_of(one, of.subscription.id) for of, one, _ in tried]
        )
        good = [one for one in tried if one[2].fate is Fate.DELIVERED]
        bad = [one for one in tried if one[2].fate is not Fate.DELIVERED]
        if good:
            connection.execute(statements.ARRIVED, [_place(delivery) for delivery, _, _ in good])
            connection.execute(statements.SUCCEEDS, [_success(*one) for one in good])
        if bad:
            connection.execute(
                statements.FAILED, [{**_failure(*one), "by": self.member} for one in bad]
            )
            connection.execute(statements.FAILS, [_fails(*one) for one in bad])
        for delivery, attempt, verdict in bad:
            if verdict.disabled is not None:
                self._disable(connection, delivery.subscription, verdict.disabled, attempt)
        return [None] * len(tried)

    def _disable(
        self, connection: sa.Connection, of: Subscription, why: Disabled, attempt: Attempt
    ) -> None:
        disable = {"of": of.id, "why": why, "tried": of.url}
        if connection.execute(statements.DISABLE, disable).rowcount:
            disabled = replace(of, state=State.DISABLED, disabled_reason=why)
            row = self.alarm(disabled, why, attempt.attempt_time)
            connection.execute(sa.insert(outbox), [row])


def _plan(connection: sa.Connection, of: str, now: datetime) -> int:
    row = connection.execute(statements.LOCKED, {"of": of}).first()
    if row is None or _is_full(connection, of, now):
        return 0
    subscription = from_row(row)
    following = {"office": row.office, "after": row.position}
    entries = [entry_of(one) for one in connection.execute(statements.FOLLOWING, following)]
    if not entries:
        return 0
    rows = [
        {
            "subscription_id": of,
            "sequence": entry.sequence,
            "office": entry.office,
            "event_id": entry.event_id,
            "case_id": entry.case_id,
            "is_dead": False,
            "attempts": 0,
            "due": sql.micros(now),
            "leased_until": NEVER,
            "holder": "",
            "first_attempt_time": NEVER,
            "code": "",
        }
        for entry in entries
        if subscription.filter.admits(entry)
    ]
    if rows:
        sql.ensure(connection, tables.deliveries, rows)
    connection.execute(statements.REACHED, {"of": of, "to": entries[-1].sequence})
    return len(entries)


def _is_full(connection: sa.Connection, of: str, now: datetime) -> bool:
    given = {"of": of, "now": sql.micros(now)}
    ready: int = connection.execute(statements.READY_COUNT, given).scalar_one()
    waiting: int = connection.execute(statements.WAITING_COUNT, given).scalar_one()
    return ready >= statements.MAX_READY or waiting >= statements.MAX_WAITING


def _place(delivery: Delivery) -> dict[str, Any]:
    return {"of": delivery.subscription.id, "at": delivery.entry.sequence}


def _success(delivery: Delivery, _: Attempt, verdict: Verdict) -> dict[str, Any]:
    return {"of": delivery.subscription.id, "now": sql.micros(verdict.due)}


def _failure(delivery: Delivery, attempt: Attempt, verdict: Verdict) -> dict[str, Any]:
    first = delivery.first_attempt_time or attempt.attempt_time
    return {
        **_place(delivery),
        "tried": attempt.number,
        "then": sql.micros(verdict.due),
        "dead": verdict.fate is Fate.DEAD,
        "how": attempt.code,
        "first": sql.micros(first),
    }


def _fails(delivery: Delivery, _: Attempt, verdict: Verdict) -> dict[str, Any]:
    held = sql.micros(verdict.held_until) if verdict.held_until else NEVER
    return {"of": delivery.subscription.id, "held": held}


def row_of(attempt: Attempt, of: str) -> dict[str, Any]:
    """Return an attempt as its row; the database counts the ids."""
    return {
        "subscription_id": of,
        "sequence": attempt.sequence,
        "event_id": attempt.event_id,
        "number": attempt.number,
        "attempt_time": sql.micros(attempt.attempt_time),
        "status": attempt.status,
        "code": attempt.code,
        "duration_ms": attempt.duration_ms,
    }


def secrets_of(seal: Seal, row: Any, now: int) -> Secrets:
    """Return the secrets of a subscription's row that are good at a time."""
    is_good = row.previous_secret_expire_time > now
    previous = seal.open(row.id, row.previous_secret) if is_good else ""
    return Secrets(seal.open(row.id, row.secret), previous)


def _time(value: int) -> datetime | None:
    return sql.time_of(value) if value else None
