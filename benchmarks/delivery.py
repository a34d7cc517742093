"""A hundred offices at once, each with a stream of its own; one of them is not read.

Example: python -m benchmarks.delivery --rate 100 --seconds 960
"""

import argparse
import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import grpc

from benchmarks import cpu, load, offices, servers, texts
from benchmarks.load import TOKEN_SECONDS, Log
from benchmarks.machine import machine
from benchmarks.numbers import quantiles, shape
from benchmarks.servers import BUILD, Ground
from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from qyzmet.delivery.v1 import subscriptions_pb2_grpc as pb_grpc
from services.chassis.auth import Issuer
from services.chassis.principal import Principal, Role
from tests.system import System

RESULTS = BUILD / "delivery.json"
WARM_SECONDS = 5.0
ACKNOWLEDGE_EVERY = 20
SETTLED_SECONDS = 2.0
NAME = "desk"
ROUTED = "kz.qyzmet.case.routed.v1"


@dataclass(slots=True)
class Reader:
    """An office that reads its stream; what it is told must be gapless and come once."""

    office: str
    log: Log
    received: int = 0
    last: int = 0
    missing: int = 0
    twice: int = 0
    offices: dict[str, str] = field(default_factory=dict)

    def take(self, event: Any) -> None:
        """Note an event, and what is wrong with its place."""
        self.received += 1
        self.missing += max(0, event.sequence - self.last - 1)
        self.twice += event.sequence <= self.last
        self.last = max(self.last, event.sequence)
        if event.type == ROUTED:
            self.offices[event.event.case_id] = self.office
            self.log.arrival(event.event.case_id, time.time())


@asynccontextmanager
async def reading(running: System, readers: Sequence[Reader], stuck: str) -> AsyncIterator[None]:
    """Subscribe every office; all but one read."""
    issuer = Issuer.at(running.data / "secrets")
    doors = (running.settings[f"QYZMET_ADDRESSES__{door}"] for door in ("DELIVERY", "FEED"))
    delivery, feed = map(grpc.aio.insecure_channel, doors)
    async with delivery, feed:
        stub = pb_grpc.SubscriptionServiceStub(delivery)
        for office in (*(one.office for one in readers), stuck):
            request = pb.CreateSubscriptionRequest(
                office=office, name=NAME, kind=pb.SUBSCRIPTION_KIND_STREAM, after_sequence=-1
            )
            await stub.CreateSubscription(request, metadata=signed(issuer, office))
        cursors = pb_grpc.CursorServiceStub(feed)
        asked = pb.ConsumeRequest(office=stuck, name=NAME)
        idle = cursors.Consume(asked, metadata=signed(issuer, stuck))
        tasks = [asyncio.create_task(read(cursors, issuer, one)) for one in readers]
        try:
            yield
        finally:
            idle.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def signed(issuer: Issuer, office: str) -> tuple[tuple[str, str], ...]:
    """Return the metadata of an office's officer."""
    officer = Principal(f"bench-{office}", Role.OFFICER, offices=frozenset({office}))
    return (("authorization", f"Bearer {issuer.issue(officer, seconds=TOKEN_SECONDS)}"),)


async def read(cursors: Any, issuer: Issuer, reader: Reader) -> None:
    """Read without end, and acknowledge now and then."""
    token = signed(issuer, reader.office)
    asked = pb.ConsumeRequest(office=reader.office, name=NAME)
    async for told in cursors.Consume(asked, metadata=token):
        reader.take(told.event)
        if reader.received % ACKNOWLEDGE_EVERY == 0:
            done = pb.AcknowledgeRequest(
                office=reader.office, name=NAME, sequence=told.event.sequence
            )
            await cursors.Acknowledge(done, metadata=token)


async def sample(processes: Mapping[str, int], sizes: dict[str, list[float]]) -> None:
    """Note the memory of each process of the system once a second."""
    while True:
        for name, pid in processes.items():
            sizes.setdefault(name, []).append(cpu.resident(pid)["rss"])
        await asyncio.sleep(1.0)


async def measure(running: System, requests: Sequence[texts.Routed], given: Any) -> dict[str, Any]:
    """Load the system and return the figures."""
    stuck = Counter(request.office for request in requests).most_common(1)[0][0]
    log, sizes = Log(), dict[str, list[float]]()
    readers = [Reader(one, log) for one in {one.office for one in requests} if one != stuck]
    issuer = Issuer.at(running.data / "secrets")
    address = running.url.removeprefix("http://")
    async with (
        reading(running, readers, stuck),
        load.rest(address, load.portal_token(issuer)) as submit,
    ):
        others = [request for request in requests if request.office != stuck]
        await load.drive(
            submit, others, log, rate=given.rate / 2, seconds=WARM_SECONDS, told=lambda *_: None
        )
        log.clear()
        processes = {name: one.pid for name, one in running.processes.items()}
        sampling = asyncio.create_task(sample(processes, sizes))
        seen = Log()
        before = cpu.by_name(processes)
        await drive(submit, requests, log, seen, stuck=stuck, given=given)
        took = cpu.taken(before, cpu.by_name(processes))
        sampling.cancel()
        with suppress(asyncio.CancelledError):
            await sampling
    cost = {name: round(1000 * took[name] / len(log.receipted), 2) for name in took}
    found = figures(log, seen, readers, sizes, stuck=stuck, given=given)
    return {"together": given.together, **found, "cpu_ms_per_case": cost}


async def drive(
    submit: load.Submit,
    asked: Sequence[texts.Routed],
    log: Log,
    seen: Log,
    *,
    stuck: str,
    given: Any,
) -> None:
    """Send at the rate; what goes to who does not read is receipted into a log of its own."""

    async def send(request: texts.Routed) -> tuple[str, str]:
        case_id, refusal = await submit(request)
        if request.office == stuck and case_id:
            seen.receipted[case_id] = time.time()
            log.fed.setdefault(case_id, 0.0)  # nobody will see it arrive
        return case_id, refusal

    await load.drive(send, asked, log, rate=given.rate, seconds=given.seconds, told=lambda *_: None)
    await asyncio.sleep(SETTLED_SECONDS)


def figures(
    log: Log,
    seen: Log,
    readers: Sequence[Reader],
    sizes: Mapping[str, Sequence[float]],
    *,
    stuck: str,
    given: Any,
) -> dict[str, Any]:
    """Return what was found; times in milliseconds, from when a request was due."""
    to_readers = log.receipted.keys() - seen.receipted.keys()
    waits = [log.fed[case] - log.sent[case] for case in to_readers & log.fed.keys()]
    by_office: dict[str, list[float]] = {}
    for reader in readers:
        for case in reader.offices.keys() & log.sent.keys():
            by_office.setdefault(reader.office, []).append(log.fed[case] - log.sent[case])
    worst = max((quantiles(found)["p99"] for found in by_office.values()), default=0.0)
    return {
        "machine": machine(),
        "load": os.getloadavg()[0],
        "rate": given.rate,
        "seconds": given.seconds,
        "offices": len(readers) + 1,
        "with_events": len(by_office),
        "stuck": stuck,
        "for_stuck": len(seen.receipted),
        "receipted": len(log.receipted),
        "refusals": dict(log.refusals),
        "submit_to_received_ms": quantiles(waits),
        "worst_office_p99_ms": worst,
        "not_received": len(to_readers - log.fed.keys()),
        "gaps": sum(reader.missing for reader in readers),
        "twice": sum(reader.twice for reader in readers),
        "memory_mib": {name: shape(seen) for name, seen in sizes.items()},
    }


def table(found: Mapping[str, Any]) -> str:
    """Return what was found as docs/figures.md shows it."""
    received, memory = found["submit_to_received_ms"], found["memory_mib"]
    sizes = memory.get("delivery") or next(iter(memory.values()))
    grows = sizes["a minute"]
    told = " · ".join(f"{name} {size}" for name, size in sizes.items() if name != "a minute")
    faults = " / ".join(str(found[name]) for name in ("not_received", "gaps", "twice"))
    cost = found["cpu_ms_per_case"]
    rows = (
        ("what", "wanted", "found"),
        ("---", "---", "---"),
        (
            "submission → every other office's stream, p99",
            "< 2 s",
            f"**{received['p99'] / 1000:.2f} s** (p50 {received['p50'] / 1000:.2f} s; "
            f"slowest office {found['worst_office_p99_ms'] / 1000:.2f} s)",
        ),
        (
            f"missing / gaps / twice, of {found['receipted']:,} cases; refused",
            "0",
            f"**{faults}**; {sum(found['refusals'].values())}",
        ),
        ("processor time of delivery a case", "report", f"{cost.get('delivery', 0)} ms"),
        (
            "resident memory of delivery, MiB",
            "flat",
            f"{told}; in the second half {grows:+} a minute",
        ),
    )
    heading = (
        f"{found['offices']} offices, each with a stream of its own, embedded; "
        f"{found['with_events']} that read got cases; "
        f"{found['rate']:g} cases a second for {found['seconds']:g} seconds; "
        f"{found['stuck']}, to which {found['for_stuck']:,} cases went, did not read. "
        f"{found['machine']['date']}, load {found['load']:.1f}."
    )
    return "\n".join([heading, "", *(f"| {' | '.join(row)} |" for row in rows)])


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--together", action="store_true", help="all services in one process")
    given = parser.parse_args()
    with servers.folder() as catalogue:
        offices.write(catalogue)
        requests = offices.requests(servers.model(), catalogue)
        settings = {"QYZMET_CATALOGUE": str(catalogue)}
        with servers.system(
            Ground.EMBEDDED, apart=not given.together, settings=settings
        ) as running:
            found = load.run(measure(running, requests, given))
    RESULTS.write_text(json.dumps(found, indent=2))
    print(table(found))


if __name__ == "__main__":
    main()
