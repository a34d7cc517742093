"""Pages: bytes of a first visit, people who type, pages that follow a case, time of each page.

Example: python -m benchmarks.pages --cases 100000 --parts typing,capacity
"""

import argparse
import asyncio
import json
import os
import re
import resource
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from benchmarks import cpu, desks, forms, servers, typists
from benchmarks.machine import machine
from benchmarks.numbers import quantiles
from benchmarks.servers import Ground
from tests.system import System

CASES = 100_000
OPEN_PAGES = 2000
FOLLOWED = 200
MOVES_PER_SECOND = 10.0
OPENING_SECONDS = 120.0
AGAIN_SECONDS = 1.0
LINKED = re.compile(r'(?:href|src)="(/assets/[^"]+)"')


def main() -> None:
    """Measure what was asked for, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--parts", default=",".join((*AT_EMPTY, PAGES)))
    given = parser.parse_args()
    wanted = set(given.parts.split(","))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    found: dict[str, Any] = {"machine": {**machine(), "load": os.getloadavg()}}
    if wanted & AT_EMPTY.keys():
        with servers.system(Ground.EMBEDDED, apart=True) as running:
            found |= {name: part(running) for name, part in AT_EMPTY.items() if name in wanted}
    if PAGES in wanted:
        found[PAGES] = desks.pages(given.cases)
    print(json.dumps(found, indent=2))


def first_visit(running: System) -> dict[str, int]:
    """Return the bytes on the wire, heads and all, and the requests of the first page."""
    page = _wire(running, "/kk/", "identity")
    addresses = sorted(set(LINKED.findall(page.decode())))
    whole = sum(len(_wire(running, path, "gzip")) for path in ("/kk/", *addresses))
    return {"bytes": whole, "requests": 1 + len(addresses)}


def _wire(running: System, path: str, encoding: str) -> bytes:
    where = urlsplit(running.url)
    head = f"GET {path} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n"
    with socket.create_connection((where.hostname or "", where.port or 0)) as wire:
        wire.sendall(f"{head}\r\n".encode())
        return b"".join(iter(lambda: wire.recv(65536), b""))


def live(running: System) -> dict[str, Any]:
    """Return the memory of a gateway with many open pages, and when they see what happens."""
    return asyncio.run(_live(running))


async def _live(running: System) -> dict[str, Any]:
    async with forms.browser(running) as browser:
        ids = [await forms.submit(browser, "Паспорт керек") for _ in range(FOLLOWED)]
        await asyncio.sleep(5)
        idle = cpu.resident(running.processes["gateway"].pid)
        seen: dict[str, list[float]] = {one: [] for one in ids}
        hearing: set[int] = set()
        opened = [
            asyncio.create_task(_follow(running, one, seen, hearing))
            for one in ids
            for _ in range(OPEN_PAGES // FOLLOWED)
        ]
        async with asyncio.timeout(OPENING_SECONDS):
            while len(hearing) < OPEN_PAGES:
                await asyncio.sleep(0.2)
        loaded = cpu.resident(running.processes["gateway"].pid)
        moved: dict[str, float] = {}
        for one in ids:
            moved[one] = time.monotonic()
            await browser.post(
                f"/v1/cases/{one}:withdraw", json={}, headers={"Idempotency-Key": str(uuid.uuid4())}
            )
            await asyncio.sleep(1 / MOVES_PER_SECOND)
        await asyncio.sleep(5)
        for task in opened:
            task.cancel()
        await asyncio.gather(*opened, return_exceptions=True)
    waited = [at - moved[one] for one, times in seen.items() for at in times if at > moved[one]]
    return {
        "pages": OPEN_PAGES,
        "told": len(waited),
        "gateway_mib": {"before": idle, "open": loaded},
        "milliseconds": quantiles(waited),
    }


async def _follow(
    running: System, case_id: str, seen: dict[str, list[float]], hearing: set[int]
) -> None:
    """Keep the stream of a case open as a page does, and note when it is told of something."""
    while True:
        await _listen(running, case_id, seen, hearing)
        await asyncio.sleep(AGAIN_SECONDS)


async def _listen(
    running: System, case_id: str, seen: dict[str, list[float]], hearing: set[int]
) -> None:
    where = urlsplit(running.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(f"GET /ru/cases/{case_id}/live HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    try:
        while line := await reader.readline():
            if line.startswith(b"retry:"):
                hearing.add(id(asyncio.current_task()))
            elif line.startswith(b"HTTP/1.1 ") and b" 200 " not in line:
                return
            elif line.startswith(b"id:"):
                seen[case_id].append(time.monotonic())
    finally:
        writer.close()


AT_EMPTY: Mapping[str, Callable[[System], dict[str, Any]]] = {
    "first": first_visit,
    "typing": typists.typing,
    "capacity": typists.capacity,
    "live": live,
}
"""What is measured at a system without cases, by the names of the parts."""
PAGES = "pages"


if __name__ == "__main__":
    main()
