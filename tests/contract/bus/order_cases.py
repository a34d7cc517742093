"""What orders of operators promise on every bus: what was parked is handled again."""

from collections.abc import Callable

from services.chassis.application import utc_now
from services.chassis.bus import letters
from services.chassis.bus.letters import Order
from services.chassis.bus.orders import Orders
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import LARGEST_MESSAGE, Record
from services.chassis.errors import InvalidError
from tests.contract.bus.harness import Bench, read, until
from tests.contract.bus.shop import Handler, Shop, answers, order_redrive


class OrderContract:
    """Each key in its order, by whoever reads it, once."""

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
