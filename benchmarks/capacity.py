"""How many cases a second go all the way when callers send as fast as they get receipts."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from benchmarks import load, servers, texts
from benchmarks.beside import beside
from benchmarks.load import Log, Submit
from benchmarks.servers import Ground
from tests.servers import kafka, postgres
from tests.system import System

CALLERS = 64
WARM_SECONDS = 5.0


def measure(ground: Ground, seconds: float, *, apart: bool) -> dict[str, Any]:
    """Start a system, load it and return its rate."""
    requests = texts.routed(servers.model())
    with servers.system(ground, apart=apart) as running:
        return load.run(run(running, requests, seconds))


async def run(
    running: System,
    requests: Sequence[texts.Routed],
    seconds: float,
    read: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Load a running system; offices have read their feeds up to these sequences before."""
    log = Log()
    async with load.entered(running, requests, log, read) as way:
        await saturate(way, requests, log, WARM_SECONDS)
        await load.settle(log)
        log.clear()
        begin = time.time()
        await saturate(way, requests, log, seconds)
        await load.settle(log)
    end = max(log.fed.values(), default=begin)
    return {
        "cases_per_second": round(len(log.fed) / max(1e-9, end - begin), 1),
        "cases": len(log.fed),
        "missing": len(log.receipted.keys() - log.fed.keys()),
        "refused": dict(log.refusals),
    }


async def saturate(
    submit: Submit, requests: Sequence[texts.Routed], log: Log, seconds: float
) -> None:
    """Let callers send for so long, each its next request after its receipt."""
    end = time.monotonic() + seconds

    async def caller(number: int) -> None:
        random = Random(number)
        while time.monotonic() < end:
            await load.one(submit, random.choice(requests), log, time.time())

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))


def measure_naive(seconds: float) -> dict[str, Any]:
    """Return the rate of the naive service under the same callers, on the same servers."""
    model = servers.model()
    with servers.folder() as where, kafka.own(where / "kafka") as broker, postgres.own() as server:
        arguments = (broker.address, server.url, str(model))
        with beside("benchmarks.naive", *arguments) as address:
            return load.run(_naive(address, texts.routed(model), seconds))


async def _naive(address: str, requests: Sequence[texts.Routed], seconds: float) -> dict[str, Any]:
    log = Log()
    async with load.rest(address, "nobody") as way:
        await saturate(way, requests, log, WARM_SECONDS)
        log.clear()
        begin = time.time()
        await saturate(way, requests, log, seconds)
        took = time.time() - begin
    return {
        "cases_per_second": round(len(log.receipted) / took, 1),
        "cases": len(log.receipted),
        "refused": dict(log.refusals),
    }
