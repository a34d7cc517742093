"""What the cases need besides the bus itself: messages, patience, and a bench to work on."""

import itertools
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from services.chassis.bus.port import Bus, Consumer, Message, Record, Start, Topic

PATIENCE = 30.0
QUIET = 0.3

Put = Callable[[Message], None]
"""Puts a record on a bus past its port, as a stranger does."""


class Bench:
    """One test's own topic and group on a bus that can be left and opened again."""

    def __init__(self, open_bus: Callable[[], Bus]) -> None:
        self._open = open_bus
        self._buses: list[Bus] = []
        self._names = itertools.count()
        self.run = uuid.uuid4().hex[:8]
        self.topic = f"topic-{self.run}"
        self.group = f"group-{self.run}"
        self.bus = self.another()
        self.bus.ensure_topics([Topic(self.topic, partitions=4)])

    def another(self) -> Bus:
        """Open the same data once more, as another process would."""
        bus = self._open()
        self._buses.append(bus)
        return bus

    def restart(self) -> Bus:
        """Leave the bus as a crash would, and open the same data again."""
        self.bus.close()
        self._buses.remove(self.bus)
        self.bus = self.another()
        return self.bus

    def close(self) -> None:
        """Close every bus that is open."""
        for bus in self._buses:
            bus.close()

    def publish(self, *values: str, key: str = "case-1") -> None:
        """Publish values under one key."""
        self.bus.publish([Message(self.topic, key, value.encode()) for value in values])

    def consumer(
        self,
        member: str = "a",
        *,
        group: str = "",
        bus: Bus | None = None,
        start: Start | None = None,
    ) -> Consumer:
        """Join the group."""
        return (bus or self.bus).consumer(
            group or self.group, [self.topic], member=member, start=start or Start.EARLIEST
        )


@contextmanager
def bench_on(open_bus: Callable[[], Bus]) -> Iterator[Bench]:
    """Give a bench and clear it away."""
    bench = Bench(open_bus)
    try:
        yield bench
    finally:
        bench.close()


def values(records: Sequence[Record]) -> list[str]:
    """Give the records' values as text."""
    return [(record.value or b"").decode() for record in records]


def read(consumer: Consumer, count: int, limit: int = 100) -> list[Record]:
    """Poll until so many records came."""
    records: list[Record] = []
    deadline = time.monotonic() + PATIENCE
    while len(records) < count and time.monotonic() < deadline:
        records += consumer.poll(min(limit, count - len(records)), 0.2)
    return records


def read_together(consumers: Sequence[Consumer], count: int) -> list[Record]:
    """Poll several members in turn until so many records came in all."""
    records: list[Record] = []
    deadline = time.monotonic() + PATIENCE
    while len(records) < count and time.monotonic() < deadline:
        for consumer in consumers:
            records += consumer.poll(100, 0.05)
    return records


def until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition with a deadline; tell whether it came."""
    deadline = time.monotonic() + PATIENCE
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return met
