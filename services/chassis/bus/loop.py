"""The consumer loop: poll, handle a batch, commit; nothing is lost, skipped or silently stopped.

* An error that may pass (the database is away) is waited out, however long, and
  the same batch is handled again.
* Any other error makes the loop handle the records one by one; one that keeps
  failing is parked, and later records of its key are parked behind it.
* A group that was lost to another member drops its batch: the other has it.

Handlers must be safe to repeat: a crash between handling and commit brings the
same records again.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from services.chassis.bus.orders import Orders
from services.chassis.bus.pace import LOOPS, SPACING, Backoff, LoopCounts
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import Consumer, LostGroupError, Record
from services.chassis.errors import RETRYABLE, name_of
from services.chassis.telemetry import failure

T = TypeVar("T")
TRANSIENT: tuple[type[Exception], ...] = (*RETRYABLE, ConnectionError, TimeoutError)
LOOK_SECONDS = 2.0
"""An order of an operator is seen so soon; asking for new ones is one small request."""
STOP_PATIENCE = 10.0


class _StoppedError(Exception):
    """The loop is asked to end."""


class ConsumerLoop:
    """Runs one consumer in a thread of its own; the consumer is closed with it."""

    def __init__(
        self,
        consumer: Consumer,
        lot: ParkingLot,
        handle_batch: Callable[[Sequence[Record]], None],
        *,
        name: str,
        batch_size: int = 100,
        attempts: int = 5,
        backoff: Backoff | None = None,
        poll_timeout: float = 0.1,
        spacing: float = SPACING,
        transient: tuple[type[Exception], ...] = TRANSIENT,
        look: float = LOOK_SECONDS,
    ) -> None:
        self.counts = LoopCounts()
        self._name = name
        self._consumer = consumer
        self._lot = lot
        self._handle = handle_batch
        self._batch_size = batch_size
        self._attempts = attempts
        self._backoff = backoff or Backoff()
        self._poll_timeout = poll_timeout
        self._spacing = spacing
        self._transient = transient
        self._generation = -1
        self._in_hand = False
        self._orders = Orders(lot, self._try, self._insist)
        self._look, self._look_at, self._is_deaf = look, 0.0, False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"loop-{name}", daemon=True)
        self._log = structlog.get_logger().bind(loop=name)

    def start(self) -> None:
        """Begin to consume."""
        LOOPS.add(self._name, self.counts.tell)
        self._thread.start()

    def stop(self, patience: float = STOP_PATIENCE) -> None:
        """End after the handler's present call; an uncommitted batch comes again next time."""
        LOOPS.drop(self._name, self.counts.tell)
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(patience)
        else:
            self._end()  # the thread would have done it

    @property
    def alive(self) -> bool:
        """Tell whether the loop runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        """Go round until stopped, whatever happens in a round."""
        failures = 0
        while not self._stopping.is_set():
            try:
                self._round()
                failures = 0
            except _StoppedError:
                break
            except LostGroupError:
                self.counts.lost += 1
                self._log.info("bus.group_lost")
            except Exception as error:  # noqa: BLE001  # a loop must never end by accident
                failures += 1
                self.counts.failures += 1
                self._log.error("bus.round_failed", **failure(error), failures=failures)
                self._stopping.wait(self._backoff.delay(failures))
        self._end()

    def _round(self) -> None:
        """Poll one batch, handle it, commit."""
        if self._in_hand:  # the last round broke off: what it held must come again
            self._consumer.rewind()
        self._in_hand = True
        batch = self._consumer.poll(self._batch_size, self._poll_timeout)
        self.counts.lag, self.counts.in_hand = self._consumer.lag(), len(batch)
        self._follow_assignment()
        self._serve_orders()
        if batch:
            self._process(batch)
            self._insist(self._consumer.commit)
        self._in_hand = False
        self.counts.in_hand, self.counts.held = 0, len(self._lot)
        if 0 < len(batch) < self._batch_size:
            self._stopping.wait(self._spacing)

    def _follow_assignment(self) -> None:
        """Read the lot again when another member may have parked records of ours."""
        if (generation := self._consumer.assignment.generation) != self._generation:
            self._lot.rebuild()
            self._generation = generation

    def _process(self, batch: Sequence[Record]) -> None:
        """Bring every record of the batch to its end: handled or parked."""
        held = [record for record in batch if self._lot.holds(record.topic, record.key)]
        self._park_behind(held)
        free = [record for record in batch if not self._lot.holds(record.topic, record.key)]
        if not free:
            return
        try:
            self._insist(lambda: self._handle(free))
            self.counts.handled += len(free)
        except (LostGroupError, _StoppedError):
            raise
        except Exception as error:  # noqa: BLE001  # a handler may fail in any way
            self._log.warning("bus.batch_failed", **failure(error), records=len(free))
            self._process_singly(free)

    def _process_singly(self, records: Sequence[Record]) -> None:
        """Handle records one by one, so that a bad one cannot hold up the others."""
        for record in records:
            if self._lot.holds(record.topic, record.key):
                self._park_behind([record])
            elif (error := self._try(record)) is not None:
                self._park(record, error)

    def _try(self, record: Record) -> Exception | None:
        """Handle one record in several attempts; give the last error if none succeeds."""
        failure: Exception | None = None
        for attempt in range(1, self._attempts + 1):
            try:
                self._insist(lambda: self._handle([record]))
            except (LostGroupError, _StoppedError):
                raise
            except Exception as error:  # noqa: BLE001  # a handler may fail in any way
                failure = error
            else:
                self.counts.handled += 1
                return None
            if attempt < self._attempts:
                self._pause(attempt)
        return failure

    def _park(self, record: Record, error: Exception) -> None:
        """Park a record that failed in all its attempts."""
        self._insist(lambda: self._lot.park(record, error, self._attempts))
        self.counts.parked += 1
        self._log.error(
            "bus.record_parked",
            **failure(error),
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )

    def _park_behind(self, records: Sequence[Record]) -> None:
        """Park records whose key is held."""
        if records:
            self._insist(lambda: self._lot.park_behind(records))
            self.counts.parked += len(records)

    def _serve_orders(self) -> None:
        """Handle again what operators ordered; where we cannot learn of orders, that must wait."""
        if time.monotonic() < self._look_at:
            return
        try:
            self._orders.serve(self._consumer.assignment.partitions)
            self.counts.answered, self._is_deaf = time.time(), False
        except self._transient as error:
            if not self._is_deaf:  # an outage of a day is told once; the figures show it goes on
                self._log.warning("bus.orders_unknown", error=name_of(error))
            self._is_deaf = True
        self._look_at = time.monotonic() + self._look

    def _insist(self, action: Callable[[], T]) -> T:
        """Do it again for as long as it fails for reasons that may pass."""
        failures = 0
        while True:
            try:
                return action()
            except self._transient as error:
                failures += 1
                self.counts.retried += 1
                self._log.warning("bus.retrying", error=name_of(error), failures=failures)
            self._pause(failures)

    def _pause(self, failures: int) -> None:
        """Wait before another attempt, keeping our place in the group."""
        if self._stopping.wait(self._backoff.delay(failures)):
            raise _StoppedError
        with contextlib.suppress(*self._transient):
            self._consumer.renew()
            self.counts.answered = time.time()
            self.counts.lag = self._consumer.lag()

    def _end(self) -> None:
        """Leave the group."""
        try:
            self._consumer.close()
        except Exception as error:  # noqa: BLE001  # the group frees itself when the lease ends
            self._log.warning("bus.close_failed", **failure(error))
