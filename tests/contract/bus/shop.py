"""A consumer loop on stage: its handler, its lot, and orders to it as operators give them."""

import threading
from collections.abc import Sequence

from services.chassis.bus import letters
from services.chassis.bus.letters import Order
from services.chassis.bus.loop import ConsumerLoop
from services.chassis.bus.pace import Backoff
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import Record
from services.chassis.errors import InvalidError, UnavailableError
from tests.contract.bus.harness import PATIENCE, Bench, until, values

QUICK = Backoff(first=0.005, longest=0.01)


class Handler:
    """A service that notes what it handled, and fails where told."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.calls: list[int] = []
        self.poison: set[str] = set()
        self.outages = 0
        self.entered = threading.Event()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self, records: Sequence[Record]) -> None:
        """Handle a batch: all or nothing."""
        self.calls.append(len(records))
        self.entered.set()
        assert self.may_go_on.wait(PATIENCE)
        if self.outages:
            self.outages -= 1
            raise UnavailableError
        texts = values(records)
        if self.poison & set(texts):
            raise InvalidError("her words")
        self.handled += texts


class Shop:
    """A running loop with its handler and lot."""

    def __init__(self, bench: Bench, handler: Handler, *, batch_size: int = 100, limit: int = 100):
        self.handler = handler
        self.lot = ParkingLot(bench.bus, bench.group, [bench.topic], limit=limit)
        self.loop = ConsumerLoop(
            bench.consumer("a"),
            self.lot,
            handler,
            name="test",
            batch_size=batch_size,
            attempts=3,
            backoff=QUICK,
            poll_timeout=0.05,
            look=0.02,
        )
        self.bench = bench
        self.loop.start()

    def settle(self, count: int) -> None:
        """Wait until so many records were brought to their end and committed."""
        counts = self.loop.counts
        assert until(lambda: counts.handled + counts.parked >= count)

    def redrive(self, key: str = "case-1", id_: str = "order-1") -> tuple[int, str]:
        """Order a key as an operator does; tell how much was handled, and what ended it."""
        order_redrive(self.bench, key, id_)
        assert until(lambda: bool(answers(self.bench, id_)))
        return answers(self.bench, id_)[0]


def order_redrive(bench: Bench, key: str = "case-1", id_: str = "order-1") -> None:
    """Write an order."""
    bench.bus.publish([letters.order(Order(id_, bench.group, bench.topic, key))])


def answers(bench: Bench, id_: str) -> list[tuple[int, str]]:
    """Read what came of an order."""
    found = map(letters.answer_in, bench.bus.history(bench.topic + letters.SUFFIX))
    return [(one.handled, one.error) for one in found if one is not None and one.order == id_]
