"""The door of time: brings what is due to webhooks, many at once, a few for each office.

One thread plans and takes up; a bounded pool sends. A receiver that is slow gets one call at a
time, so that it holds a single thread of the pool and never more.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta

import prometheus_client
import structlog

from services.chassis.bus.pace import SPACING
from services.chassis.errors import ServiceError
from services.chassis.rounds import AT_ONCE, Rest, Rounds
from services.chassis.telemetry import failure
from services.delivery.domain.webhooks import Delivery, Room
from services.delivery.handlers.webhooks import Delivered, is_given_up
from services.delivery.ports import Clock
from services.delivery.ports.webhooks import Post

IDLE_SECONDS = 0.5
SLOW_MS = 2000
KEPT = timedelta(days=30)
"""How long attempts can be read."""
PRUNE_EVERY = timedelta(hours=1)

TRIED = prometheus_client.Counter(
    "qyzmet_webhook_attempts_total",
    "Attempts to deliver to webhooks, by office and by how they ended; OK where well.",
    ["office", "code"],
)
DEAD = prometheus_client.Counter(
    "qyzmet_webhook_dead_letters_total", "Events that were given up, by office.", ["office"]
)
DISABLED = prometheus_client.Counter(
    "qyzmet_subscriptions_disabled_total",
    "Subscriptions that were disabled, by office and by why.",
    ["office", "code"],
)

log = structlog.get_logger()


class Dispatcher(Rounds):
    """Delivers to webhooks."""

    def __init__(
        self,
        post: Post,
        deliver: Callable[[Delivery], Delivered],
        now: Clock,
        *,
        threads: int,
        per_office: int,
        lease: timedelta,
    ) -> None:
        super().__init__("webhooks", self._step)
        self._post = post
        self._deliver = deliver
        self._now = now
        self._threads = threads
        self._per_office = per_office
        self._lease = lease
        self._under_way: Counter[str] = Counter()
        self._slow: set[str] = set()
        self._lock = threading.Lock()
        self._pruned: datetime | None = None
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="webhook")

    def stop(self, grace: float) -> None:
        """Take up nothing more; what is under way ends by its own deadline, or is taken up anew."""
        super().stop(grace)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _step(self) -> Rest:
        """Plan, take up and hand out once."""
        now = self._now()
        planned = self._post.plan(now)
        taken = self._post.claim(self._room(), now, now + self._lease)
        for delivery in taken:
            self._hand_out(delivery)
        self._prune(now)
        return AT_ONCE if planned or taken else Rest(IDLE_SECONDS, SPACING)

    def _room(self) -> Room:
        """Return how many calls may be begun now, by office."""
        with self._lock:
            busy = {office: self._free(office) for office in {*self._under_way, *self._slow}}
            return Room(self._threads - self._under_way.total(), self._per_office, busy)

    def _free(self, office: str) -> int:
        most = 1 if office in self._slow else self._per_office
        return most - self._under_way[office]

    def _hand_out(self, delivery: Delivery) -> None:
        with self._lock:
            self._under_way[delivery.entry.office] += 1
        self._pool.submit(copy_context().run, self._bring, delivery)

    def _bring(self, delivery: Delivery) -> None:
        office = delivery.entry.office
        done = None
        try:
            done = self._deliver(delivery)
            self._note(delivery, done)
        except ServiceError as error:  # not kept: it is taken up again when our lease is over
            log.warning("webhook not kept", office=office, code=error.reason)
        except Exception as error:  # noqa: BLE001  the pool outlives every surprise
            log.error("webhook failed", office=office, **failure(error))
        finally:
            self._release(office, done)

    def _release(self, office: str, done: Delivered | None) -> None:
        with self._lock:
            self._under_way[office] -= 1
            if not self._under_way[office]:
                del self._under_way[office]
            if done is not None:
                (self._slow.add if done.attempt.duration_ms > SLOW_MS else self._slow.discard)(
                    office
                )
        self.wake()

    def _note(self, delivery: Delivery, done: Delivered) -> None:
        office, attempt, verdict = delivery.entry.office, done.attempt, done.verdict
        TRIED.labels(office, attempt.code).inc()
        if not is_given_up(done):
            return
        told = {"office": office, "subscription": delivery.subscription.name, "code": attempt.code}
        if verdict.disabled is not None:
            DISABLED.labels(office, verdict.disabled.value).inc()
            log.error("subscription disabled", reason=verdict.disabled.value, **told)
        else:
            DEAD.labels(office).inc()
            log.warning("webhook given up", event_id=attempt.event_id, **told)

    def _prune(self, now: datetime) -> None:
        if self._pruned is None or now - self._pruned >= PRUNE_EVERY:
            self._pruned = now
            self._post.prune(now - KEPT)
