"""A small portal: sends requests to a running system over HTTP and reads what became of them."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from services.chassis.auth import Issuer
from services.chassis.config import Settings
from services.chassis.errors import UnavailableError
from services.chassis.principal import Principal, Role

MAX_AT_ONCE = 64
MAX_TRIES = 8
SETTLE_SECONDS = 180.0
LOOK_SECONDS = 0.2
PAGE = 500
TOKEN_SECONDS = 3600
CALL_SECONDS = 15.0
AGAIN = frozenset({429, 502, 503, 504})
ANY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  recognised here, not bound

Advance = Callable[[str, int, int], None]


class NotRunningError(UnavailableError):
    """Nothing answers there; start the system with `make up` first, or name it with --url."""

    reason = "NOT_RUNNING"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to send, and the service it should reach where that is known."""

    text: str
    label: str = ""
    language: str = ""
    region: str = ""

    def body(self) -> dict[str, str]:
        """Return the JSON to post."""
        body = {"text": self.text, "language": self.language, "region": self.region}
        return {name: value for name, value in body.items() if value}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was sent, the receipt or the refusal, and the seconds the answer took."""

    request: Request
    case_id: str
    refusal: str
    seconds: float


class Portal:
    """Calls the REST API of a running system; every call is tried again where that may help."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._room = asyncio.Semaphore(MAX_AT_ONCE)

    async def send(
        self, requests: Sequence[Request], *, rate: float, advance: Advance
    ) -> Sequence[Sent]:
        """Send requests, so many a second, whether or not earlier ones are answered yet."""
        begin = time.monotonic()
        done = 0

        async def one(place: int, request: Request) -> Sent:
            nonlocal done
            await asyncio.sleep(begin + place / rate - time.monotonic())
            async with self._room:
                sent = await self._submit(request)
            done += 1
            advance("sending", done, len(requests))
            return sent

        return await asyncio.gather(*(one(place, r) for place, r in enumerate(requests)))

    async def settled(self, case_ids: Sequence[str], *, advance: Advance) -> dict[str, Any]:
        """Return the cases once each has been decided, or as they are when patience ends."""
        cases: dict[str, Any] = {}
        deadline = time.monotonic() + SETTLE_SECONDS
        open_ids = list(case_ids)
        while open_ids:
            found = await asyncio.gather(*(self._get(f"/v1/cases/{id_}") for id_ in open_ids))
            cases |= {case["id"]: case for case in found}
            open_ids = [id_ for id_ in open_ids if cases[id_]["state"] == "submitted"]
            advance("waiting for decisions", len(case_ids) - len(open_ids), len(case_ids))
            if time.monotonic() > deadline:
                break
            if open_ids:
                await asyncio.sleep(LOOK_SECONDS)
        return cases

    async def feed(self, office: str, token: str) -> AsyncIterator[dict[str, Any]]:
        """Give every event of an office's feed."""
        cursor = 0
        while True:
            query = f"/v1/offices/{office}/events?after_sequence={cursor}&page_size={PAGE}"
            events = (await self._get(query, token))["events"]
            for event in events:
                yield event
            if len(events) < PAGE:
                return
            cursor = events[-1]["sequence"]

    async def services(self) -> Sequence[dict[str, Any]]:
        """Return every service of the catalogue."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            page = await self._get(f"/v1/services?page_size={PAGE}&page_token={token}")
            found += page["services"]
            token = page.get("next_page_token", "")
            if not token:
                return found

    async def _submit(self, request: Request) -> Sent:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        begin = time.perf_counter()
        answer = await self._again(
            lambda: self._client.post("/v1/cases", json=request.body(), headers=headers)
        )
        seconds = time.perf_counter() - begin
        body = answer.json()
        if answer.status_code == httpx.codes.CREATED:
            return Sent(request, body["id"], "", seconds)
        return Sent(request, "", body.get("code", str(answer.status_code)), seconds)

    async def _get(self, path: str, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._room:
            answer = await self._again(lambda: self._client.get(path, headers=headers))
        if answer.status_code != httpx.codes.OK:
            raise UnavailableError(f"{path.partition('?')[0]} answered {answer.status_code}")
        return answer.json()

    async def _again(self, call: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Call; where the system is busy or away for a moment, call again the same."""
        for attempt in range(1, MAX_TRIES):
            try:
                answer = await call()
                if answer.status_code not in AGAIN:
                    return answer
                pause = float(answer.headers.get("Retry-After", "1"))
            except httpx.TransportError:
                pause = 0.25 * attempt
            await asyncio.sleep(pause)
        return await call()


@asynccontextmanager
async def portal_to(url: str, token: str = "") -> AsyncIterator[Portal]:
    """Give a portal to a running system; NotRunningError where nothing answers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limits = httpx.Limits(max_connections=MAX_AT_ONCE)
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=CALL_SECONDS, limits=limits
    ) as client:
        try:
            await client.get("/healthz")
        except httpx.TransportError as error:
            raise NotRunningError(
                f"nothing answers at {url}: start it with `make up`, or name it with --url"
            ) from error
        yield Portal(client)


def own_url(settings: Settings) -> str:
    """Return where a system of these settings answers, as seen from this machine."""
    host = "127.0.0.1" if settings.http_host in ANY_ADDRESS else settings.http_host
    return f"http://{host}:{settings.http_port}"


def office_token(issuer: Issuer, office: str) -> str:
    """Return a token of an officer of one office, from the local issuer."""
    officer = Principal(f"replay-{office}", Role.OFFICER, offices=frozenset({office}))
    return issuer.issue(officer, seconds=TOKEN_SECONDS)


def seconds_between(earlier: str, later: str) -> float:
    """Return the seconds between two times of the API."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def offices_of(cases: Iterable[dict[str, Any]]) -> list[str]:
    """Return the offices that hold any of the cases."""
    return sorted({case["office"] for case in cases if case.get("office")})
