"""A hundred streams with kept cursors at once, of every office there is; one of them is not read.

Example: python -m benchmarks.delivery --rate 100 --seconds 60
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
from statistics import mean
from typing import Any

import grpc

from benchmarks import cpu, load, servers, texts
from benchmarks.load import TOKEN_SECONDS, Log
from benchmarks.machine import machine
from benchmarks.numbers import quantiles
from benchmarks.servers import BUILD, Ground
from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from qyzmet.delivery.v1 import subscriptions_pb2_grpc as pb_grpc
from services.catalog import store
from services.chassis.auth import Issuer
from services.chassis.principal import Principal, Role
from tests.system import System

RESULTS = BUILD / "delivery.json"
STREAMS = 100
WARM_SECONDS = 5.0
ACKNOWLEDGE_EVERY = 20
SETTLED_SECONDS = 2.0
ROUTED = "kz.qyzmet.case.routed.v1"


@dataclass(slots=True)
class Reader:
    """An office that reads its stream; what it is told must be gapless and come once."""

    office: str
    name: str
    log: Log | None
    """Where arrivals are noted; of a second reader of an office they are not."""
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
        if event.type == ROUTED and self.log is not None:
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
        for office, name in (*((one.office, one.name) for one in readers), (stuck, "stuck")):
            request = pb.CreateSubscriptionRequest(
                office=office, name=name, kind=pb.SUBSCRIPTION_KIND_STREAM, after_sequence=-1
            )
            await stub.CreateSubscription(request, metadata=signed(issuer, office))
        cursors = pb_grpc.CursorServiceStub(feed)
        asked = pb.ConsumeRequest(office=stuck, name="stuck")
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
    asked = pb.ConsumeRequest(office=reader.office, name=reader.name)
    async for told in cursors.Consume(asked, metadata=token):
        reader.take(told.event)
        if reader.received % ACKNOWLEDGE_EVERY == 0:
            done = pb.AcknowledgeRequest(
                office=reader.office, name=reader.name, sequence=told.event.sequence
            )
            await cursors.Acknowledge(done, metadata=token)


async def sample(processes: Mapping[str, int], sizes: dict[str, list[float]]) -> None:
    """Note the memory of each process of the system once a second."""
    while True:
        for name, pid in processes.items():
            sizes.setdefault(name, []).append(cpu.resident(pid)["pss"])
        await asyncio.sleep(1.0)


async def measure(running: System, requests: Sequence[texts.Routed], given: Any) -> dict[str, Any]:
    """Load the system and return the figures."""
    counts = Counter(request.office for request in requests)
    stuck = counts.most_common(1)[0][0]
    known = list(dict.fromkeys([*counts, *store.read_folder(store.bundled_folder()).offices()]))
    offices = [office for office in known if office != stuck][: STREAMS - 1]
    log, sizes = Log(), dict[str, list[float]]()
    readers = [Reader(office, "first", log) for office in offices]
    # There are fewer offices than streams: some have a second reader.
    readers += [Reader(one, "second", None) for one in offices[: STREAMS - 1 - len(readers)]]
    asked = [request for request in requests if request.office in {*offices, stuck}]
    issuer = Issuer.at(running.data / "secrets")
    address = running.url.removeprefix("http://")
    async with (
        reading(running, readers, stuck),
        load.rest(address, load.portal_token(issuer)) as submit,
    ):
        others = [request for request in asked if request.office != stuck]
        await load.drive(
            submit, others, log, rate=given.rate / 2, seconds=WARM_SECONDS, told=lambda *_: None
        )
        log.clear()
        processes = {name: one.pid for name, one in running.processes.items()}
        sampling = asyncio.create_task(sample(processes, sizes))
        seen = Log()
        before = cpu.by_name(processes)
        await drive(submit, asked, log, seen, stuck=stuck, given=given)
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
        "streams": len(readers) + 1,
        "offices": len({reader.office for reader in readers}) + 1,
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
        "memory_mib": {name: growth(seen) for name, seen in sizes.items()},
    }


def growth(sizes: Sequence[float]) -> list[float]:
    """Return the mean of each quarter of the time; the first holds what is loaded when needed."""
    quarter = max(1, len(sizes) // 4)
    parts = (sizes[start : start + quarter] for start in range(0, 4 * quarter, quarter))
    return [round(mean(part), 1) for part in parts if part]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--together", action="store_true", help="all services in one process")
    given = parser.parse_args()
    requests = texts.routed(servers.model())
    with servers.system(Ground.EMBEDDED, apart=not given.together) as running:
        found = load.run(measure(running, requests, given))
    RESULTS.write_text(json.dumps(found, indent=2))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
