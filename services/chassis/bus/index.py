"""What is parked and what is ordered, as a topic of letters tells it, without the values."""

import threading
from collections.abc import Sequence

from services.chassis.bus import letters
from services.chassis.bus.letters import Order, Origin, Parked
from services.chassis.bus.port import Bus, Record
from services.chassis.errors import NotFoundError

Key = tuple[str, str]
"""A topic and a line in it."""


class Index:
    """What is parked, by key and in order; one thread writes it, any may read it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[Key, dict[Origin, Parked]] = {}
        self._count = 0
        self._orders: dict[str, Order] = {}

    def follow(self, read: Record) -> None:
        """Learn what a record of the letters' topic tells; learning it twice changes nothing."""
        if order := letters.order_in(read):
            self._orders[order.id] = order
        elif answer := letters.answer_in(read):
            self.answered(answer.order)
        elif letters.is_release(read):
            parked = letters.parked_in(read)
            self.remove((parked.topic, parked.key), parked.origin)
        elif letters.is_parked(read):
            self.add(letters.parked_in(read))

    def orders(self) -> list[Order]:
        """List the orders that nobody has answered."""
        return list(self._orders.values())

    def answered(self, order: str) -> None:
        """Forget an order."""
        self._orders.pop(order, None)

    def __len__(self) -> int:
        return self._count

    def of(self, key: Key) -> list[Parked]:
        """List what is parked of one key."""
        with self._lock:
            return list(self._keys.get(key, {}).values())

    def all(self) -> list[Parked]:
        """List everything, in order per key."""
        with self._lock:
            return [parked for line in self._keys.values() for parked in line.values()]

    def holds(self, key: Key, origin: Origin | None = None) -> bool:
        """Tell whether the key is held, or whether this one record of it is parked."""
        with self._lock:
            line = self._keys.get(key)
            return line is not None and (origin is None or origin in line)

    def add(self, parked: Parked) -> None:
        """Put a record at the end of its key's line, unless it stands there."""
        with self._lock:
            line = self._keys.setdefault((parked.topic, parked.key), {})
            self._count += parked.origin not in line
            line.setdefault(parked.origin, parked)

    def remove(self, key: Key, origin: Origin) -> None:
        """Take a record out; a key with none left is free."""
        with self._lock:
            line = self._keys.get(key, {})
            if line.pop(origin, None) is not None:
                self._count -= 1
                if not line:
                    del self._keys[key]


def read_all(bus: Bus, topics: Sequence[str]) -> dict[str, Index]:
    """Read what every group has parked of topics, as an operator sees it."""
    found: dict[str, Index] = {}
    for topic in topics:
        try:
            history = bus.history(topic + letters.SUFFIX)
        except NotFoundError:  # no consumer of it ever started
            continue
        for read in history:
            found.setdefault(letters.group_of(read), Index()).follow(read)
    return found
