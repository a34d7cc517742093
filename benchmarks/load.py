"""An open-loop load: so many requests a second, whether or not earlier ones are answered."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any, TypeVar

import grpc
import msgspec

from benchmarks.http import HttpClient
from benchmarks.texts import Routed
from qyzmet.delivery.v1 import delivery_pb2, delivery_pb2_grpc
from services.chassis.auth import Issuer
from services.chassis.principal import Principal, Role
from tests.system import System

TOKEN_SECONDS = 4 * 3600
SETTLE_SECONDS = 60.0
LOOK_SECONDS = 1.0

T = TypeVar("T")

Submit = Callable[[Routed], Awaitable[tuple[str, str]]]
"""Sends a request; returns the id of its case, or nothing and the refusal."""
Told = Callable[[int, int], None]
"""Told how many seconds of load are over, and how many are wanted."""


@dataclass(slots=True)
class Log:
    """When each case was due, was receipted, decided and seen in a feed: wall clock."""

    sent: dict[str, float] = field(default_factory=dict)
    receipted: dict[str, float] = field(default_factory=dict)
    decided: dict[str, float] = field(default_factory=dict)
    fed: dict[str, float] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    backlog: list[int] = field(default_factory=list)
    """Receipted and not yet in a feed, once a second."""

    def clear(self) -> None:
        """Forget everything so far."""
        for notes in (self.sent, self.receipted, self.decided, self.fed, self.refusals):
            notes.clear()
        self.backlog.clear()

    def receipt(self, case_id: str, due: float) -> None:
        """Note a receipt."""
        self.sent[case_id], self.receipted[case_id] = due, time.time()

    def arrival(self, case_id: str, decided: float) -> None:
        """Note an arrival in a feed; a second one of the same case would be a fault."""
        if case_id in self.fed:
            self.refusals["FED_TWICE"] += 1
        self.decided[case_id], self.fed[case_id] = decided, time.time()


async def drive(
    submit: Submit, texts: Sequence[Routed], log: Log, *, rate: float, seconds: float, told: Told
) -> None:
    """Send at the rate for so long; then wait until every receipted case is in its feed."""
    random = Random(0)
    tasks: set[asyncio.Task[None]] = set()
    watch = asyncio.create_task(_watch(log, told, seconds))
    begin, wall = time.monotonic(), time.time()
    for number in range(int(rate * seconds)):
        due = number / rate
        if (early := begin + due - time.monotonic()) > 0:
            await asyncio.sleep(early)
        task = asyncio.create_task(one(submit, random.choice(texts), log, wall + due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    watch.cancel()
    await settle(log)


async def settle(log: Log) -> None:
    """Wait until every receipted case is in its feed, or for a minute."""
    end = time.monotonic() + SETTLE_SECONDS
    while log.receipted.keys() - log.fed.keys() and time.monotonic() < end:
        await asyncio.sleep(0.05)


async def one(submit: Submit, request: Routed, log: Log, due: float) -> None:
    """Send one request and note its receipt or refusal."""
    try:
        case_id, refusal = await submit(request)
    except (OSError, EOFError, grpc.RpcError) as error:
        case_id, refusal = "", type(error).__name__
    if case_id:
        log.receipt(case_id, due)
    else:
        log.refusals[refusal] += 1


async def _watch(log: Log, told: Told, seconds: float) -> None:
    second = 0
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        second += 1
        log.backlog.append(len(log.receipted) - len(log.fed))
        told(second, int(seconds))


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


def run(load: Coroutine[Any, Any, T]) -> T:
    """Run a load to its end; always on one event loop, for grpc.aio stays with its first."""
    return _runner().run(load)


def portal_token(issuer: Issuer) -> str:
    """Return the token of a portal."""
    return issuer.issue(Principal("bench", Role.PORTAL, portal="bench"), seconds=TOKEN_SECONDS)


@asynccontextmanager
async def entered(
    running: System, requests: Sequence[Routed], log: Log, read: Mapping[str, int] | None = None
) -> AsyncIterator[Submit]:
    """Give the way into a running system, while every office that is meant reads its feed.

    Offices have read before up to the sequences in `read`.
    """
    issuer = Issuer.at(running.data / "secrets")
    offices = sorted({request.office for request in requests})
    feed = running.settings["QYZMET_ADDRESSES__FEED"]
    async with (
        feeds(feed, issuer, offices, log, read or {}),
        rest(running.url.removeprefix("http://"), portal_token(issuer)) as submit,
    ):
        yield submit


@asynccontextmanager
async def rest(address: str, token: str) -> AsyncIterator[Submit]:
    """Give the way of a portal: `POST /v1/cases` at the gateway."""
    host, _, port = address.rpartition(":")
    client = HttpClient(host, int(port), {"Authorization": f"Bearer {token}"})

    async def submit(request: Routed) -> tuple[str, str]:
        body = msgspec.json.encode({"text": request.text, "region": request.region})
        answer = await client.post("/v1/cases", body, str(uuid.uuid4()))
        told = msgspec.json.decode(answer.body)
        if answer.status == 201:
            return told["id"], ""
        return "", told.get("code", str(answer.status))

    try:
        yield submit
    finally:
        await client.close()


@asynccontextmanager
async def feeds(
    address: str,
    issuer: Issuer,
    offices: Sequence[str],
    log: Log,
    read: Mapping[str, int],
) -> AsyncIterator[None]:
    """Follow the feeds of offices, each by a stream of its own, after what was read before."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub = delivery_pb2_grpc.FeedServiceStub(channel)
        tasks = [
            asyncio.create_task(_follow(stub, issuer, office, log, read.get(office, 0)))
            for office in offices
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _follow(stub: Any, issuer: Issuer, office: str, log: Log, after: int) -> None:
    officer = Principal(f"bench-{office}", Role.OFFICER, offices=frozenset({office}))
    token = issuer.issue(officer, seconds=TOKEN_SECONDS)
    metadata = (("authorization", f"Bearer {token}"),)
    while True:
        with suppress(grpc.aio.AioRpcError):
            request = delivery_pb2.SubscribeRequest(office=office, after_sequence=after)
            async for response in stub.Subscribe(request, metadata=metadata):
                after = response.event.sequence
                _note(response.event, log)
        await asyncio.sleep(0.2)


def _note(event: Any, log: Log) -> None:
    if event.type.endswith("case.routed.v1"):
        stamp = event.event.event_time
        log.arrival(event.event.case_id, stamp.seconds + stamp.nanos / 1e9)
