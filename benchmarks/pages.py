"""Pages: bytes of a first visit, time of each page, people who type, pages that follow a case.

Example: python -m benchmarks.pages --cases 100000 --parts first,pages,typing,live
"""

import argparse
import asyncio
import json
import re
import resource
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks import capacity, cpu, growth, load, servers, texts
from benchmarks.numbers import quantiles
from benchmarks.servers import Ground
from tests.system import System

CASES = 100_000
LOADS = 60
PEOPLE = 50
TYPING_SECONDS = 20.0
PAUSE_SECONDS = 0.5
"""Between two answers, as the script waits for somebody to stop typing."""
OPEN_PAGES = 2000
FOLLOWED = 200
MOVES_PER_SECOND = 10.0
OPENING_SECONDS = 120.0
AGAIN_SECONDS = 1.0
MARK = re.compile(r'name="form" value="([^"]+)"')
LINKED = re.compile(r'(?:href|src)="(/assets/[^"]+)"')


def main() -> None:
    """Measure what was asked for, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--parts", default="first,typing,live,pages")
    given = parser.parse_args()
    wanted = set(given.parts.split(","))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    found: dict[str, Any] = {}
    if wanted & {"first", "typing", "live"}:
        with servers.system(Ground.EMBEDDED, apart=True) as running:
            if "first" in wanted:
                found["first_visit"] = first_visit(running)
            if "typing" in wanted:
                found["typing"] = asyncio.run(typing(running))
            if "live" in wanted:
                found["live"] = asyncio.run(live(running))
    if "pages" in wanted:
        found["pages"] = pages(given.cases)
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


async def typing(running: System) -> dict[str, Any]:
    """Return what people who type at once wait for, each after a pause of their own."""
    words = [one.text for one in texts.routed(servers.model())]
    waited: list[float] = []
    processes = {name: one.pid for name, one in running.processes.items()}
    before = cpu.by_name(processes)
    end = time.monotonic() + TYPING_SECONDS

    async def person(number: int) -> None:
        async with _browser(running) as browser:
            mark = await _mark(browser)
            await asyncio.sleep(PAUSE_SECONDS * number / PEOPLE)
            while time.monotonic() < end:
                text = words[(number + len(waited)) % len(words)]
                for share in (0.5, 0.75, 1.0):
                    part = text[: round(len(text) * share)]
                    begin = time.monotonic()
                    answer = await browser.post(
                        "/ru/suggestions", data={"form": mark, "text": part}
                    )
                    waited.append(time.monotonic() - begin)
                    answer.raise_for_status()
                    await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*(person(number) for number in range(PEOPLE)))
    taken = cpu.taken(before, cpu.by_name(processes))
    each = {name: round(used * 1000 / len(waited), 2) for name, used in taken.items()}
    return {
        "people": PEOPLE,
        "asked": len(waited),
        "per_second": round(len(waited) / TYPING_SECONDS, 1),
        "milliseconds": _told(waited),
        "processor_milliseconds_each": each,
    }


async def live(running: System) -> dict[str, Any]:
    """Return the memory of a gateway with many open pages, and when they see what happens."""
    async with _browser(running) as browser:
        ids = [await _submit(browser) for _ in range(FOLLOWED)]
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
        "milliseconds": _told(waited),
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


async def _submit(browser: httpx.AsyncClient) -> str:
    answer = await browser.post(
        "/v1/cases",
        json={"text": "Паспорт керек"},
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    return str(answer.json()["id"])


def pages(stored: int) -> dict[str, Any]:
    """Return the time of each page with so many cases stored, for one who asks at a time."""
    requests = texts.routed(servers.model())
    with servers.system(Ground.EMBEDDED, apart=True) as running:
        load.run(capacity.run(running, requests, growth.SEED_SECONDS))
        now = growth.grow(running, stored)
        return {"stored": now, "milliseconds": asyncio.run(_each_page(running))}


async def _each_page(running: System) -> dict[str, Any]:
    async with _browser(running) as browser:
        await _sign_in(browser)
        mark = await _mark(browser)
        sent = [await _send(browser, mark, number) for number in range(25)]
        case = sent[0].partition("/receipt")[0]
        asked: dict[str, Callable[[], Awaitable[httpx.Response]]] = {
            "first": lambda: browser.get("/ru/"),
            "found": lambda: browser.post("/ru/", data={"form": mark, "text": "нужен паспорт"}),
            "service": lambda: browser.get("/ru/services/identity.passport"),
            "receipt": lambda: browser.get(sent[0]),
            "case": lambda: browser.get(case),
            "own cases": lambda: browser.get("/ru/cases"),
        }
        return {name: _told(await _times(ask)) for name, ask in asked.items()}


async def _times(ask: Callable[[], Awaitable[httpx.Response]]) -> Sequence[float]:
    waited = []
    for _ in range(LOADS):
        begin = time.monotonic()
        (await ask()).raise_for_status()
        waited.append(time.monotonic() - begin)
    return waited[5:]


async def _send(browser: httpx.AsyncClient, mark: str, number: int) -> str:
    fields = {"form": mark, "text": f"Паспорт керек {number}", "key": str(number)}
    answer = await browser.post("/ru/send", data=fields, follow_redirects=False)
    return answer.headers["location"]


async def _sign_in(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/ru/sign-in/start")
    state = re.findall(r'name="(state|challenge)" value="([^"]+)"', page.text)
    marks = MARK.search(page.text)
    assert marks
    fields = {"form": marks.group(1), "who": "citizen", **dict(state)}
    (await browser.post("/ru/demo-sign-in", data=fields)).raise_for_status()


async def _mark(browser: httpx.AsyncClient) -> str:
    found = MARK.search((await browser.get("/ru/")).text)
    assert found
    return found.group(1)


def _browser(running: System) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=running.url, timeout=30, follow_redirects=True)


def _told(waited: Sequence[float]) -> dict[str, float]:
    """Return quantiles, with the 95th percentile that is asked for."""
    with suppress(IndexError):
        place = -(-95 * (len(waited) - 1) // 100)
        return quantiles(waited) | {"p95": round(sorted(waited)[place] * 1000, 1)}
    return {}


if __name__ == "__main__":
    main()
