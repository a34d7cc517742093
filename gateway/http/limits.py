"""Bounds on what comes in: how much, how slowly, in what form, and how many at once."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.problems import BusyError, MalformedJsonError, refuse, refuse_http
from gateway.http.routers import ROOT
from services.chassis.errors import TooLargeError

ALWAYS_ANSWERED = "/healthz"
STREAMS = re.compile(r"/(?:kk|ru|en)/.+/live")
"""Pages that are told what happens for as long as they are open, in a bound of their own."""
LONG_FORMS = re.compile(r"/(?:kk|ru|en)/steward/services/[^/]+(?:/split)?")
"""Pages whose form holds a whole service, in three languages."""
LONG_FORM_BYTES = 192 * 1024
"""19,500 letters of texts are as many, where a form needs up to nine bytes for a letter."""
WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CLOSE = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one gateway takes."""

    body_bytes: int = 64 * 1024
    long_form_bytes: int = LONG_FORM_BYTES
    body_seconds: float = 10.0
    drain_bytes: int = 4 * 1024 * 1024
    drain_seconds: float = 2.0
    requests: int = 512


class ConcurrentRequests:
    """Refuses what comes on top of so many requests at once, so that those can end."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._most = limits.requests
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or send it away until later."""
        if scope["type"] != "http" or _has_own_bound(scope["path"]):
            await self._app(scope, receive, send)
            return
        if self._running >= self._most:
            await refuse(BusyError(), scope["path"])(scope, receive, send)
            return
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1


def _has_own_bound(path: str) -> bool:
    return path == ALWAYS_ANSWERED or STREAMS.fullmatch(path) is not None


class Bodies:
    """Reads a body whole before anybody works on it: bounded in size, time and form."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on with its whole body, or refuse it."""
        if scope["type"] != "http" or scope["method"] not in WITH_BODY:
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        try:
            body = await self._read(headers, receive, self._most(path))
        except TooLargeError as error:
            await self._refuse_unread(refuse(error, path, headers=CLOSE), scope, receive, send)
        except TimeoutError:
            late = refuse_http(408, "the body came too slowly", path, headers=CLOSE)
            await late(scope, receive, send)
        else:
            refusal = _check_form(path, headers, body)
            await (refusal or self._app)(scope, _replay(body, receive), send)

    def _most(self, path: str) -> int:
        is_long = LONG_FORMS.fullmatch(path) is not None
        return self._limits.long_form_bytes if is_long else self._limits.body_bytes

    async def _read(self, headers: Headers, receive: Receive, most: int) -> bytes:
        told = headers.get("content-length", "")
        if told.isdigit() and (len(told) > 18 or int(told) > most):
            raise _too_large(most)
        body = bytearray()
        async with asyncio.timeout(self._limits.body_seconds):
            async for part in _parts(receive):
                body += part
                if len(body) > most:
                    raise _too_large(most)
        return bytes(body)

    async def _refuse_unread(
        self, response: Response, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer while the caller still sends, then read on a little before closing.

        A connection closed with bytes unread is reset, and the reset would take the answer along.
        """
        headers = response.raw_headers
        await send(
            {"type": "http.response.start", "status": response.status_code, "headers": headers}
        )
        await send({"type": "http.response.body", "body": bytes(response.body), "more_body": True})
        if "expect" not in Headers(scope=scope):
            await self._drain(receive)
        await send({"type": "http.response.body", "body": b""})

    async def _drain(self, receive: Receive) -> None:
        left = self._limits.drain_bytes
        try:
            async with asyncio.timeout(self._limits.drain_seconds):
                async for part in _parts(receive):
                    left -= len(part)
                    if left < 0:
                        return
        except TimeoutError:
            return


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(f"a body has at most {most} bytes")


def _check_form(path: str, headers: Headers, body: bytes) -> Response | None:
    """Return the refusal of a body that is not JSON where JSON belongs."""
    if not body or not path.startswith(ROOT):
        return None
    if not _says_json(headers.get("content-type", "")):
        return refuse_http(415, "send Content-Type: application/json", path)
    try:
        from_json(body, allow_inf_nan=False)  # bounded in depth and in the length of numbers
    except ValueError:
        return refuse(MalformedJsonError(), path)
    return None


def _says_json(content_type: str) -> bool:
    kind, _, parameters = content_type.lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    return kind.strip() == "application/json" and charset in ("", "utf-8")


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a receive that gives the body once and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
