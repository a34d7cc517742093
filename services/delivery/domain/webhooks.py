"""How events reach webhooks: what is on its way, what an answer means, when to try again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.chassis.errors import ConflictError, InvalidError, OverloadedError
from services.delivery.domain import FeedEntry
from services.delivery.domain.subscriptions import Subscription

OK = "OK"
GONE_STATUS = 410
MAX_RETRY_AFTER = timedelta(days=1)
"""How long a receiver may ask for patience, and how much longer an event is tried for it."""
MAX_HOLD = timedelta(minutes=5)
HOLD_AFTER = 5
"""So many failures in a row hold all of a subscription, not only the event that failed."""
SECRET_OVERLAP = timedelta(days=1)
JITTER = 0.2

Jitter = Callable[[float, float], float]
"""Draws a number between two, such as random.uniform."""


class NotValidatedError(ConflictError):
    """The receiver did not answer the validation event with its challenge."""

    reason = "NOT_VALIDATED"


class ChangedMeanwhileError(ConflictError):
    """Address or secret changed while the validation event was under way; activate again."""

    reason = "SUBSCRIPTION_CHANGED"


class BusyError(OverloadedError):
    """Another address of the office, or too many in all, are looked at; try again shortly."""

    reason = "BUSY"


class NothingDeadError(InvalidError):
    """There is no such dead letter."""

    reason = "DEAD_LETTER_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What messages are signed with: the present secret, and the one before it for a while."""

    current: str
    previous: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """Return every secret that is good now."""
        return (self.current, self.previous) if self.previous else (self.current,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event on its way to a webhook, taken up by us alone for a while."""

    subscription: Subscription
    secrets: Secrets
    entry: FeedEntry
    attempts: int
    """How often it was tried before."""
    first_attempt_time: datetime | None
    failures: int
    """How often the subscription failed in a row."""
    success_time: datetime | None
    """When anything was last delivered to the subscription."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many calls may be begun now: in all, for each office, and for those that are busy."""

    total: int
    per_office: int
    busy: Mapping[str, int]

    def free(self, office: str) -> int:
        """Return how many may be begun for an office."""
        return max(0, self.busy.get(office, self.per_office))


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one call."""

    code: str
    status: int = 0
    retry_after: timedelta | None = None
    body: bytes = b""

    @property
    def is_good(self) -> bool:
        """Tell whether the event arrived."""
        return self.code == OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt, as the office may read it; fields as in subscriptions.proto."""

    sequence: int
    event_id: str
    number: int
    attempt_time: datetime
    status: int
    code: str
    duration_ms: int
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that was given up; fields as in subscriptions.proto."""

    sequence: int
    event_id: str
    case_id: str
    attempts: int
    code: str
    first_attempt_time: datetime
    waiting_behind: int


class Fate(StrEnum):
    """What an attempt means for its event."""

    DELIVERED = "delivered"
    LATER = "later"
    DEAD = "dead"


class Disabled(StrEnum):
    """Why a subscription was disabled."""

    GONE = "GONE"
    EXHAUSTED = "EXHAUSTED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt means for its event and for its subscription."""

    fate: Fate
    due: datetime
    held_until: datetime | None = None
    disabled: Disabled | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The pauses after failed attempts, in seconds; after the last one an event is given up."""

    pauses: Sequence[float]

    def __post_init__(self) -> None:
        if not self.pauses or min(self.pauses) <= 0:
            raise InvalidError("the pauses between attempts are positive numbers", field="pauses")

    @property
    def whole(self) -> timedelta:
        """Return how long an event is tried."""
        return timedelta(seconds=sum(self.pauses))

    def pause(self, attempts: int, jitter: Jitter) -> timedelta:
        """Return how long to wait after so many attempts, drawn around what the table says."""
        seconds = self.pauses[min(attempts, len(self.pauses)) - 1]
        return timedelta(seconds=seconds * jitter(1 - JITTER, 1 + JITTER))


def judge(
    delivery: Delivery, reply: Reply, *, schedule: Schedule, now: datetime, jitter: Jitter
) -> Verdict:
    """Say what an attempt means."""
    if reply.is_good:
        return Verdict(Fate.DELIVERED, now)
    tried = delivery.attempts + 1
    first = delivery.first_attempt_time or now
    pause = schedule.pause(tried, jitter)
    later = now + max(pause, min(reply.retry_after or timedelta(0), MAX_RETRY_AFTER))
    if reply.status == GONE_STATUS:
        return Verdict(Fate.LATER, later, disabled=Disabled.GONE)
    if tried > len(schedule.pauses) or now - first >= schedule.whole + MAX_RETRY_AFTER:
        return Verdict(Fate.DEAD, now, disabled=_exhausted(delivery, first))
    return Verdict(Fate.LATER, later, held_until=_hold(delivery, reply, later, now, schedule))


def _exhausted(delivery: Delivery, first: datetime) -> Disabled | None:
    """Give up the subscription too, where nothing at all has arrived for as long."""
    arrived = delivery.success_time is not None and delivery.success_time >= first
    return None if arrived else Disabled.EXHAUSTED


def _hold(
    delivery: Delivery, reply: Reply, later: datetime, now: datetime, schedule: Schedule
) -> datetime | None:
    """Leave a receiver alone that asks for it, or that has failed again and again."""
    if reply.retry_after is not None:
        return later
    over = delivery.failures + 1 - HOLD_AFTER
    if over < 0:
        return None
    seconds = schedule.pauses[min(over, len(schedule.pauses) - 1)]
    return now + min(timedelta(seconds=seconds), MAX_HOLD)
