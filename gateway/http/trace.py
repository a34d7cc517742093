"""The outermost layer: a trace, security headers, a log line and a last net for each request."""

import time
from dataclasses import dataclass

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.problems import refuse
from services.chassis import telemetry
from services.chassis.errors import InternalError

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Sent with every answer, unless a route says otherwise."""

log = structlog.get_logger()


class Traced:
    """Puts every request into its trace and tells in one line what became of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever breaks inside is answered too."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()
        with telemetry.trace(_header(scope, b"traceparent")) as traceparent:
            answer = _Answer(send, traceparent)
            try:
                await self._app(scope, receive, answer.send)
            except Exception as error:  # noqa: BLE001  the last net: tell the caller little
                await _fail(error, answer, scope, receive)
            finally:
                _tell(scope, answer.status, time.perf_counter() - begin)


@dataclass(slots=True)
class _Answer:
    """The way of the answer out, on which headers are added and the status is seen."""

    _send: Send
    _traceparent: str
    status: int = 0
    """0 until the answer has begun."""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["traceparent"] = self._traceparent
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


async def _fail(error: Exception, answer: _Answer, scope: Scope, receive: Receive) -> None:
    """Log where it broke; tell the caller that it did, unless the answer has begun."""
    log.error("request failed", **telemetry.failure(error))
    if not answer.status:
        await refuse(InternalError(), scope["path"])(scope, receive, answer.send)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    log.info(
        "request",
        method=scope["method"],
        route=getattr(scope.get("route"), "path_format", "(none)"),
        status=status,
        milliseconds=round(seconds * 1000, 2),
    )


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None
