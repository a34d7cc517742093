"""All figures in one run: `python -m benchmarks.bench`; a JSON line after each, a file of all.

Example: python -m benchmarks.bench --parts classify,idle --seconds 20
"""

import argparse
import json
import os
from collections.abc import Callable
from typing import Any

from benchmarks import capacity, classify, flow, growth, idle, servers
from benchmarks.machine import machine
from benchmarks.servers import BUILD, Ground
from deploy.cli.terminal import progress

RESULTS = BUILD / "figures.json"
BURST_SECONDS = 20.0
IDLE_COUNT = 200


def parts(seconds: float) -> dict[str, Callable[[], Any]]:
    """Return what is measured, by name; `seconds` is how long a load is sustained."""
    return {
        "classify": lambda: classify.measure(seconds=min(10.0, seconds), rounds=3),
        "idle": lambda: {one.value: idle.latency(one, IDLE_COUNT) for one in Ground},
        "memory": lambda: {**idle.memory(apart=False), **idle.memory(apart=True)},
        "capacity": lambda: {
            **{one.value: capacity.measure(one, BURST_SECONDS, apart=True) for one in Ground},
            **{
                f"{one.value}, one process": capacity.measure(one, BURST_SECONDS, apart=False)
                for one in Ground
            },
            "naive": capacity.measure_naive(BURST_SECONDS),
        },
        "servers": lambda: _sustained(Ground.SERVERS, 150, seconds),
        "embedded": lambda: _sustained(Ground.EMBEDDED, 200, seconds),
        "growth-services": lambda: list(growth.both((100, 1300), growth.services, BURST_SECONDS)),
        "growth-cases": lambda: list(growth.both((10_000, 1_000_000), growth.cases, BURST_SECONDS)),
    }


def _sustained(ground: Ground, rate: float, seconds: float) -> dict[str, Any]:
    with progress("seconds") as advance:
        return flow.measure(
            flow.Wanted(ground, rate, seconds, apart=True),
            lambda done, all_: advance(ground.value, min(done, all_), all_),
        )


def main() -> None:
    """Measure one part after the other, and keep what is known after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(parts(0)))
    parser.add_argument("--seconds", type=float, default=300.0)
    given = parser.parse_args()
    known = parts(given.seconds)
    servers.model()
    results: dict[str, Any] = {"machine": machine()}
    failed = []
    for name in given.parts.split(","):
        begin = os.getloadavg()[0]
        try:
            found = known[name]()
        except (Exception, SystemExit) as error:  # noqa: BLE001  # the other parts still count
            found = {"failed": f"{type(error).__name__}: {error}"[-2000:]}
            failed.append(name)
        results[name] = {"load_before": begin, "found": found}
        RESULTS.write_text(json.dumps(results, indent=2))
        print(json.dumps({name: results[name]}), flush=True)
    if failed:
        raise SystemExit(f"Not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
