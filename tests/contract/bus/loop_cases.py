"""What the consumer loop promises on every bus."""

import inspect
from collections.abc import Callable, Iterator

from structlog.testing import capture_logs

from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import LARGEST_MESSAGE, Bus, Message
from services.chassis.errors import InvalidError
from tests.contract.bus.harness import PATIENCE, Bench, Put, bench_on, read, until, values
from tests.contract.bus.shop import Handler, Shop


class LoopContract:
    """Nothing is lost, skipped, overtaken or silently stopped."""

    def bench(self, open_bus: Callable[[], Bus]) -> Iterator[Bench]:
        with bench_on(open_bus) as bench:
            yield bench

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
        assert (parked["error"], parked["file"]) == ("INVALID", inspect.getfile(Handler))

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
        lot = ParkingLot(bench.bus, bench.group, [bench.topic])
        (bad,) = read(other, 1, limit=1)
        shop = open_shop()
        lot.park(bad, InvalidError(), 3)  # at once, lest the other's lease end
        other.commit()
        other.close()

        shop.settle(1)

        assert shop.handler.handled == []

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
