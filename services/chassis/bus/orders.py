"""Orders of operators: what is parked is handled again by the member that reads its partition.

An order stands on the topic of letters until it is answered, so it outlives every restart and
finds whichever process reads the partition by then; it may be served twice, as any record may.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

from services.chassis.bus.letters import Order, line_of
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import Record
from services.chassis.errors import NotFoundError, name_of

T = TypeVar("T")
AT_ONCE = 20
"""Lines served in one round: the letters are read once for them, and other records wait."""


class Insist(Protocol):
    """Does something again for as long as it fails for reasons that may pass."""

    def __call__(self, action: Callable[[], T]) -> T:
        """Do it."""


class Orders:
    """Serves the orders that stand on the topics of a lot."""

    def __init__(
        self, lot: ParkingLot, attempt: Callable[[Record], Exception | None], insist: Insist
    ) -> None:
        self._lot = lot
        self._attempt = attempt
        self._insist = insist

    def serve(self, partitions: Collection[tuple[str, int]]) -> None:
        """Learn of orders, and serve some of those that are for these partitions."""
        self._lot.look()
        ours = [one for one in self._lot.orders() if self._is_ours(one, partitions)][:AT_ONCE]
        for topic in dict.fromkeys(one.topic for one in ours):
            self._redrive(topic, [one for one in ours if one.topic == topic])

    def _is_ours(self, order: Order, partitions: Collection[tuple[str, int]]) -> bool:
        """Tell who serves an order; one for nothing, whoever sees it."""
        waiting = self._lot.of(order.topic, order.key)
        return not waiting or (order.topic, waiting[0].partition) in partitions

    def _redrive(self, topic: str, orders: Sequence[Order]) -> None:
        """Handle the records of each line in order until one fails again."""
        keys = [one.key for one in orders]
        try:
            records = self._insist(lambda: self._lot.redrive(topic, *keys))
        except NotFoundError as gone:  # a large one is no longer kept, and holds its line only
            self._go_singly(topic, orders, gone)
            return
        done: list[Record] = []
        failed: dict[str, str] = {}
        for record in records:
            if (line := line_of(record.key)) in failed:
                continue
            if (error := self._attempt(record)) is None:
                done.append(record)
            else:
                failed[line] = name_of(error)
        handled = Counter(line_of(record.key) for record in done)
        self._insist(lambda: self._lot.release(done))
        self._insist(lambda: self._lot.answer(orders, handled, failed))

    def _go_singly(self, topic: str, orders: Sequence[Order], error: NotFoundError) -> None:
        if len(orders) > 1:
            for one in orders:
                self._redrive(topic, [one])
        else:
            self._insist(lambda: self._lot.answer(orders, {}, {orders[0].key: name_of(error)}))
