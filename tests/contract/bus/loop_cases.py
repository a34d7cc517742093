"""What the consumer loop promises on every bus."""

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from structlog.testing import capture_logs

from services.chassis.application import utc_now
from services.chassis.bus import letters
from services.chassis.bus.letters import Order
from services.chassis.bus.loop import ConsumerLoop
from services.chassis.bus.orders import Orders
from services.chassis.bus.pace import Backoff
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import LARGEST_MESSAGE, Bus, Message, Record
from services.chassis.errors import InvalidError, UnavailableError
from tests.contract.bus.harness import PATIENCE, Bench, Put, bench_on, read, until, values

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


class LoopContract:
    """Nothing is lost, skipped, overtaken or silently stopped."""

    @pytest.fixture
    def bench(self, open_bus: Callable[[], Bus]) -> Iterator[Bench]:
        with bench_on(open_bus) as bench:
            yield bench

    @pytest.fixture
    def open_shop(self, bench: Bench) -> Iterator[Callable[..., Shop]]:
        shops: list[Shop] = []

        def open_one(handler: Handler | None = None, **settings: int) -> Shop:
            shops.append(Shop(bench, handler or Handler(), **settings))
            return shops[-1]

        yield open_one
        for shop in shops:
            shop.handler.may_go_on.set()
            shop.loop.stop()

    def test_records_are_handled_in_order(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """As they were published under their key."""
        bench.publish("a", "b", "c")

        shop = open_shop()
        shop.settle(3)

        assert shop.handler.handled == ["a", "b", "c"]

    def test_a_batch_is_handled_in_one_call(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """One fetch, one classification, one transaction for all of it."""
        bench.publish("a", "b", "c")

        shop = open_shop()
        shop.settle(3)

        assert shop.handler.calls == [3]

    def test_a_batch_has_a_largest_size(self, bench: Bench, open_shop: Callable[..., Shop]) -> None:
        """Memory is bounded by it."""
        bench.publish(*"abcde")

        shop = open_shop(batch_size=2)
        shop.settle(5)

        assert max(shop.handler.calls) == 2

    def test_handled_records_do_not_come_again(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """The loop commits what it handled."""
        bench.publish("a")
        first = open_shop()
        first.settle(1)
        first.loop.stop()
        bench.publish("b")

        second = open_shop()
        second.settle(1)

        assert second.handler.handled == ["b"]

    def test_a_poisoned_record_is_parked(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """After as many attempts as were set."""
        handler = Handler()
        handler.poison = {"bad"}
        bench.publish("bad")

        shop = open_shop(handler)
        shop.settle(1)

        assert [(p.error, p.attempts) for p in shop.lot.parked()] == [("INVALID", 3)]

    def test_a_parked_record_is_logged_by_the_place_where_it_failed(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """An operator finds the line to mend."""
        handler = Handler()
        handler.poison = {"bad"}
        bench.publish("bad")

        with capture_logs() as lines:
            open_shop(handler)
            assert until(lambda: any(line["event"] == "bus.record_parked" for line in lines))

        parked = next(line for line in lines if line["event"] == "bus.record_parked")
        assert (parked["error"], parked["file"]) == ("INVALID", __file__)

    def test_a_poisoned_record_stops_no_other_key(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """Other cases go on."""
        handler = Handler()
        handler.poison = {"bad"}
        bench.publish("bad", key="case-1")
        bench.publish("good", key="case-2")

        shop = open_shop(handler)
        shop.settle(2)

        assert handler.handled == ["good"]

    def test_a_large_poisoned_record_stops_no_other_key(
        self, bench: Bench, put: Put, open_shop: Callable[..., Shop]
    ) -> None:
        """Nor what comes after it in its partition."""
        large = "bad" * LARGEST_MESSAGE
        handler = Handler()
        handler.poison = {large}
        put(Message(bench.topic, "case-1", large.encode()))
        bench.publish("good", key="case-2")

        shop = open_shop(handler)
        shop.settle(2)

        assert (handler.handled, len(shop.lot.parked())) == (["good"], 1)

    def test_later_records_of_a_parked_key_wait_behind(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """In the same batch and in later ones."""
        handler = Handler()
        handler.poison = {"bad"}
        bench.publish("bad", "same batch")
        shop = open_shop(handler)
        shop.settle(2)

        bench.publish("later batch")
        shop.settle(3)

        assert (len(shop.lot.parked()), handler.handled) == (3, [])

    def test_a_restart_keeps_a_key_waiting(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """The new process knows what the old one parked."""
        handler = Handler()
        handler.poison = {"bad"}
        bench.publish("bad")
        first = open_shop(handler)
        first.settle(1)
        first.loop.stop()
        bench.publish("later")

        second = open_shop()
        second.settle(1)

        assert second.handler.handled == []

    def test_redrive_handles_a_case_in_its_order(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """What waited comes first, what is new comes after."""
        handler = Handler()
        handler.poison = {"1"}
        bench.publish("1", "2", "3")
        shop = open_shop(handler)
        shop.settle(3)
        handler.poison = set()

        assert shop.redrive() == (3, "")
        bench.publish("4")

        assert until(lambda: handler.handled == ["1", "2", "3", "4"])

    def test_a_redrive_that_fails_again_keeps_the_rest_parked(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """What succeeded is done, what failed still holds the key."""
        handler = Handler()
        handler.poison = {"1", "2"}
        bench.publish("1", "2", "3")
        shop = open_shop(handler)
        shop.settle(3)
        handler.poison = {"2"}

        told = shop.redrive()

        assert (told, handler.handled, len(shop.lot.parked())) == ((1, "INVALID"), ["1"], 2)

    def test_redriving_a_free_key_handles_nothing(self, open_shop: Callable[..., Shop]) -> None:
        """Somebody else was quicker, and the order must not stand for ever."""
        assert open_shop().redrive() == (0, "")

    def test_an_order_outlives_a_restart(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """It stands until a loop serves it."""
        handler = Handler()
        handler.poison = {"1"}
        bench.publish("1", "2")
        first = open_shop(handler)
        first.settle(2)
        first.loop.stop()
        order_redrive(bench)

        second = open_shop()

        assert until(lambda: second.handler.handled == ["1", "2"])

    def test_an_order_is_served_once(self, bench: Bench, open_shop: Callable[..., Shop]) -> None:
        """Its answer ends it, over restarts."""
        handler = Handler()
        handler.poison = {"1"}
        bench.publish("1")
        first = open_shop(handler)
        first.settle(1)
        first.redrive()
        first.loop.stop()

        second = open_shop()
        bench.publish("other", key="case-2")
        second.settle(1)

        assert second.handler.handled == ["other"]

    def test_orders_of_many_keys_are_served_together(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """One that fails again keeps no other from its turn."""
        handler = Handler()
        handler.poison = {"a", "b"}
        for key in "abc":
            bench.publish(key, key=key)
        shop = open_shop(handler)
        shop.settle(3)
        handler.poison = {"a"}
        order_redrive(bench, "a", "of-a")

        assert (shop.redrive("b"), answers(bench, "of-a")) == ((1, ""), [(0, "INVALID")])

    def test_orders_for_another_group_are_left_to_it(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """What one service could not handle, another did."""
        handler = Handler()
        handler.poison = {"1"}
        bench.publish("1")
        shop = open_shop(handler)
        shop.settle(1)
        handler.poison = set()
        bench.bus.publish([letters.order(Order("foreign", "another", bench.topic, "case-1"))])
        bench.publish("other", key="case-2")
        shop.settle(2)

        assert (handler.handled, answers(bench, "foreign")) == (["other"], [])

    def test_a_member_leaves_orders_to_who_reads_the_partition(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """Two that handle one case at once would break its order."""
        bench.publish("bad")
        other = bench.consumer("other", bus=bench.another())
        (bad,) = read(other, 1)
        ParkingLot(bench.bus, bench.group, [bench.topic]).park(bad, InvalidError(), 3)
        other.commit()
        lot = ParkingLot(bench.bus, bench.group, [bench.topic])
        handled: list[Record] = []
        order_redrive(bench)

        Orders(lot, handled.append, lambda action: action()).serve({(bench.topic, 99)})

        assert (handled, len(lot.orders())) == ([], 1)

    def test_an_order_for_what_lies_nowhere_any_more_is_answered(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """It holds up no other order, and the key stays parked."""
        gone = Record(bench.topic, 0, 99, "case-1", b"v" * 2 * LARGEST_MESSAGE, {}, utc_now())
        lot = ParkingLot(bench.bus, bench.group, [bench.topic])
        lot.park(gone, InvalidError(), 3)
        handler = Handler()
        handler.poison = {"1"}
        bench.publish("1", key="case-2")
        first = open_shop(handler)
        first.settle(1)
        first.loop.stop()
        order_redrive(bench, "case-1", "of-gone")

        shop = open_shop()

        assert (shop.redrive("case-2"), answers(bench, "of-gone")) == (
            *[(1, "")],
            [(0, "NOT_FOUND")],
        )

    def test_a_crash_between_parking_and_commit_parks_once(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """The record comes again, is known, and is not handled out of turn."""
        bench.publish("bad", "behind")
        lot = ParkingLot(bench.bus, bench.group, [bench.topic])
        lot.park(read(bench.consumer("a"), 1, limit=1)[0], InvalidError(), 3)
        bench.restart()

        shop = open_shop()
        shop.settle(2)

        assert (len(shop.lot.parked()), shop.handler.handled) == (2, [])

    def test_an_outage_is_waited_out(self, bench: Bench, open_shop: Callable[..., Shop]) -> None:
        """However many attempts it takes, nothing is parked and nothing skipped."""
        handler = Handler()
        handler.outages = 20
        bench.publish("a", "b")

        shop = open_shop(handler)
        shop.settle(2)

        assert (handler.handled, shop.loop.counts.retried, shop.lot.parked()) == (
            *(["a", "b"], 20),
            [],
        )

    def test_an_outage_repeats_the_same_batch(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """No second batch is taken meanwhile."""
        handler = Handler()
        handler.outages = 3
        bench.publish("a", "b")
        shop = open_shop(handler, batch_size=2)
        bench.publish("c")

        shop.settle(3)

        assert handler.calls == [2, 2, 2, 2, 1]

    def test_stopping_during_an_outage_loses_nothing(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """The batch was not committed and comes again."""
        handler = Handler()
        handler.outages = 1_000_000
        bench.publish("a")
        first = open_shop(handler)
        assert handler.entered.wait(PATIENCE)
        first.loop.stop()

        second = open_shop()
        second.settle(1)

        assert second.handler.handled == ["a"]

    def test_a_loop_ends_when_stopped(self, open_shop: Callable[..., Shop]) -> None:
        """Even while it waits for records."""
        shop = open_shop()

        shop.loop.stop()

        assert not shop.loop.alive

    def test_a_displaced_loop_drops_its_batch(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """The member that took over has it; this one goes on as a stand-by."""
        handler = Handler()
        handler.may_go_on.clear()
        bench.publish("a")
        shop = open_shop(handler)
        assert handler.entered.wait(PATIENCE)
        newer = bench.consumer("a", bus=bench.another())
        read(newer, 1)
        handler.may_go_on.set()

        assert until(lambda: shop.loop.counts.lost == 1)
        newer.rewind()
        assert values(read(newer, 1)) == ["a"]

    def test_a_member_that_takes_over_learns_what_is_parked(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """The other may have parked after this one started."""
        bench.publish("bad", "behind")
        other = bench.consumer("other", bus=bench.another())
        (bad,) = read(other, 1, limit=1)
        shop = open_shop()
        ParkingLot(bench.bus, bench.group, [bench.topic]).park(bad, InvalidError(), 3)
        other.commit()
        other.close()

        shop.settle(1)

        assert shop.handler.handled == []

    def test_a_full_lot_stops_the_loop_until_a_redrive(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """Nothing is dropped for want of room."""
        handler = Handler()
        handler.poison = {"1", "2"}
        bench.publish("1", key="case-1")
        shop = open_shop(handler, limit=1)
        shop.settle(1)
        bench.publish("2", key="case-2")
        assert until(lambda: shop.loop.counts.failures > 0)
        handler.poison = {"2"}

        shop.redrive()

        assert until(lambda: [p.key for p in shop.lot.parked()] == ["case-2"])

    def test_a_loop_survives_the_loss_of_its_bus(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """It keeps trying and says so, for a dead loop would be noticed too late."""
        shop = open_shop()

        bench.bus.close()

        assert until(lambda: shop.loop.counts.failures > 1)
        assert shop.loop.alive

    def test_logs_never_hold_the_words_of_an_error(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """They may quote a citizen."""
        handler = Handler()
        handler.poison = {"bad"}
        bench.publish("bad")

        with capture_logs() as logs:
            open_shop(handler).settle(1)

        assert (bool(logs), "her words" in str(logs)) == (True, False)

    def test_the_lag_is_counted(self, bench: Bench, open_shop: Callable[..., Shop]) -> None:
        """An operator sees how much waits behind the batch in hand."""
        handler = Handler()
        handler.may_go_on.clear()
        bench.publish(*"abcde")

        shop = open_shop(handler, batch_size=2)
        assert handler.entered.wait(PATIENCE)

        assert shop.loop.counts.lag == 3

    def test_the_lag_grows_during_an_outage(
        self, bench: Bench, open_shop: Callable[..., Shop]
    ) -> None:
        """A loop that waits must not look as if it kept up."""
        handler = Handler()
        handler.outages = 1_000_000
        bench.publish("a")
        shop = open_shop(handler)
        assert handler.entered.wait(PATIENCE)

        bench.publish("b", "c")

        assert until(lambda: shop.loop.counts.lag == 2)
