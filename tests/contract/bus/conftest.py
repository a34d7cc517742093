"""The bus on a bench, and a loop on it; and the shared cases explain failures as modules do."""

from collections.abc import Callable, Iterator

import pytest

pytest.register_assert_rewrite(
    "tests.contract.bus.cases",
    "tests.contract.bus.parking_cases",
    "tests.contract.bus.loop_cases",
    "tests.contract.bus.order_cases",
    "tests.contract.bus.shop",
)

from services.chassis.bus.port import Bus  # noqa: E402
from tests.contract.bus.harness import Bench, bench_on  # noqa: E402
from tests.contract.bus.shop import Handler, Shop  # noqa: E402


@pytest.fixture
def bench(open_bus: Callable[[], Bus]) -> Iterator[Bench]:
    """Open a bus with a topic of this test alone."""
    with bench_on(open_bus) as bench:
        yield bench


@pytest.fixture
def open_shop(bench: Bench) -> Iterator[Callable[..., Shop]]:
    """Return what starts loops; all end with the test."""
    shops: list[Shop] = []

    def open_one(handler: Handler | None = None, **settings: int) -> Shop:
        shops.append(Shop(bench, handler or Handler(), **settings))
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.handler.may_go_on.set()
        shop.loop.stop()
