"""From a portal's submission to an office's feed, under a load that does not wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from benchmarks import cpu, load, servers, texts
from benchmarks.load import Log, Submit, Told
from benchmarks.numbers import quantiles
from benchmarks.servers import Ground
from tests.system import System

WARM_SECONDS = 10.0
STEADY_GROWTH = 0.02
"""A backlog that grows by less than this part of the rate is none: chance moves it more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A load: where it runs, how much, and for how long."""

    ground: Ground
    rate: float
    seconds: float
    apart: bool = False


def measure(wanted: Wanted, told: Told) -> dict[str, Any]:
    """Start a system, warm it up, load it, and return the figures."""
    requests = texts.routed(servers.model())
    with servers.system(wanted.ground, apart=wanted.apart) as running:
        return load.run(run(running, requests, wanted, told))


async def run(
    running: System, requests: Sequence[texts.Routed], wanted: Wanted, told: Told
) -> dict[str, Any]:
    """Load a running system and return the figures."""
    pids = {name: one.pid for name, one in running.processes.items()}
    log = Log()
    async with load.entered(running, requests, log) as way:
        await _warm(way, requests, wanted, log)
        before = cpu.by_name(pids)
        await load.drive(way, requests, log, rate=wanted.rate, seconds=wanted.seconds, told=told)
        took = cpu.taken(before, cpu.by_name(pids))
    return figures(log, wanted, took)


async def _warm(way: Submit, requests: Sequence[texts.Routed], wanted: Wanted, log: Log) -> None:
    """Let caches and connections be made at half the rate; what is measured begins after."""
    half = max(1.0, wanted.rate / 2)
    await load.drive(way, requests, log, rate=half, seconds=WARM_SECONDS, told=lambda *_: None)
    log.clear()


def figures(log: Log, wanted: Wanted, took: Mapping[str, float]) -> dict[str, Any]:
    """Return what is told of a load; times in milliseconds, from when a request was due."""
    cases = log.fed.keys() & log.sent.keys()
    per_case = {name: round(used * 1000 / max(1, len(cases)), 3) for name, used in took.items()}
    return {
        "ground": wanted.ground.value,
        "processes": "each service its own" if wanted.apart else "one",
        "rate": wanted.rate,
        "seconds": wanted.seconds,
        "receipted": len(log.receipted),
        "fed": len(cases),
        "refused": dict(log.refusals),
        "submit_ms": quantiles([log.receipted[one] - log.sent[one] for one in log.sent]),
        "decision_ms": quantiles([log.decided[one] - log.sent[one] for one in cases]),
        "feed_ms": quantiles([log.fed[one] - log.sent[one] for one in cases]),
        "backlog": _thirds(log.backlog),
        "backlog_grows": _grows(log.backlog, wanted.rate),
        "cpu_ms_per_case": per_case,
        "cpu_ms_per_case_in_all": round(sum(per_case.values()), 3),
    }


def _thirds(backlog: Sequence[int]) -> list[float]:
    """Return the mean backlog of the first, the second and the last third of the time."""
    third = max(1, len(backlog) // 3)
    parts = (backlog[:third], backlog[third : 2 * third], backlog[2 * third :])
    return [round(mean(part), 1) if part else 0.0 for part in parts]


def _grows(backlog: Sequence[int], rate: float) -> bool:
    """Tell whether the last third waits longer than the first, by more than chance."""
    first, _, last = _thirds(backlog)
    third = max(1, len(backlog) // 3)
    return last - first > max(rate / 2, STEADY_GROWTH * rate * 2 * third)
