"""Specifies how calls share a computation, and what happens to those who wait too long."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from classifier.coalescer import Coalescer
from classifier.domain import Classification, Language, Thresholds
from services.chassis.errors import DeadlineError, InvalidError, OverloadedError

LONG = 20.0


class Bench:
    """A computation that notes what it was given; something may happen meanwhile."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []
        self.meanwhile: list[Callable[[], object]] = []

    def __call__(self, texts: Sequence[str]) -> list[Classification]:
        self.seen.append(list(texts))
        while self.meanwhile:
            self.meanwhile.pop()()
        if "bad" in texts:
            raise InvalidError
        return [Classification(Language.EN, [], 0.0, Thresholds(1, 1), text) for text in texts]


async def ask(coalescer: Coalescer, *texts: str, seconds: float = LONG) -> list[str]:
    return [one.model for one in await coalescer.classify(texts, seconds=seconds)]


def spawn(others: asyncio.TaskGroup, coalescer: Coalescer, text: str) -> None:
    others.create_task(ask(coalescer, text))


def test_calls_of_one_tick_share_a_computation() -> None:
    """And each gets its own answer."""
    bench = Bench()

    async def story() -> list[list[str]]:
        coalescer = Coalescer(bench)
        return await asyncio.gather(*(ask(coalescer, text) for text in "abc"))

    assert asyncio.run(story()) == [["a"], ["b"], ["c"]]
    assert bench.seen == [["a", "b", "c"]]


def test_calls_that_come_during_a_computation_share_the_next() -> None:
    """Nobody waits for more than the one that runs and their own."""
    bench = Bench()

    async def story() -> None:
        coalescer, others = Coalescer(bench), asyncio.TaskGroup()
        for text in "cb":
            bench.meanwhile.append(partial(spawn, others, coalescer, text))
        async with others:
            await ask(coalescer, "first")

    asyncio.run(story())
    assert bench.seen == [["first"], ["b", "c"]]


def test_a_computation_has_a_size() -> None:
    """What does not fit goes into the next one, in order."""
    bench = Bench()

    async def story() -> None:
        coalescer = Coalescer(bench, max_at_once=2)
        await asyncio.gather(*(ask(coalescer, *call) for call in ("a", "b", "cde", "f")))

    asyncio.run(story())
    assert bench.seen == [["a", "b"], ["c", "d", "e"], ["f"]]


def test_the_queue_has_a_limit() -> None:
    """Who comes when it is full is told so at once."""
    bench = Bench()

    async def story() -> None:
        coalescer = Coalescer(bench, max_waiting=1)
        first = asyncio.create_task(ask(coalescer, "first"))
        await asyncio.sleep(0)
        with pytest.raises(OverloadedError):
            await ask(coalescer, "second")
        await first

    asyncio.run(story())
    assert bench.seen == [["first"]]


def test_a_call_whose_time_is_over_is_dropped() -> None:
    """Its text is not computed for nobody."""
    bench = Bench()

    async def story() -> None:
        coalescer = Coalescer(bench)
        with pytest.raises(DeadlineError):
            await ask(coalescer, "late", seconds=0)
        await ask(coalescer, "next")

    asyncio.run(story())
    assert bench.seen == [["next"]]


def test_a_failed_computation_is_told_to_all_and_ends_nothing() -> None:
    """The next call is answered."""
    bench = Bench()

    async def story() -> tuple[list[Any], list[str]]:
        coalescer = Coalescer(bench)
        calls = (ask(coalescer, text) for text in ("bad", "good"))
        failed = await asyncio.gather(*calls, return_exceptions=True)
        return failed, await ask(coalescer, "good")

    failed, after = asyncio.run(story())
    assert [type(one) for one in failed] == [InvalidError, InvalidError]
    assert after == ["good"]
