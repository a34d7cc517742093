"""One HTTP connection, with bounds the parser does not set itself: the head's size and time."""

import asyncio
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.http.limits import CLOSE
from gateway.http.problems import BusyError, MalformedHttpError, refuse, refuse_http


class BoundedProtocol(HttpToolsProtocol):
    """Closes connections whose request head is too long or too slow, and refuses too many."""

    max_connections = 4096
    max_head_bytes = 32 * 1024
    head_seconds = 10.0

    _is_reading_head = True
    _head_bytes = 0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        """Begin, and expect the first head in time."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._forget_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse on, as long as the head stays within its bound."""
        if self._is_reading_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_reading_head and self._head_bytes > self.max_head_bytes:
            told = f"the head of a request has at most {self.max_head_bytes} bytes"
            self._close_with(refuse_http(431, told, "", headers=CLOSE))

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, as a problem like every other."""
        self._close_with(refuse(MalformedHttpError(), "", headers=CLOSE))

    def on_message_begin(self) -> None:
        """Expect the rest of the head in time."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """Answer the request, or refuse it where too many are connected."""
        self._is_reading_head = False
        self._forget_head()
        if len(self.connections) > self.max_connections:
            self.app = _refuse_connection
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Make ready for the head of the next request."""
        self._is_reading_head = True
        self._head_bytes = 0
        super().on_message_complete()

    def _close_with(self, response: Response) -> None:
        """Answer outside of any request, and close."""
        head = [
            f"HTTP/1.1 {response.status_code} {HTTPStatus(response.status_code).phrase}".encode()
        ]
        head += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*head, b"", bytes(response.body)]))
        self.transport.close()

    def _expect_head(self) -> None:
        self._forget_head()
        self._late = self.loop.call_later(self.head_seconds, self.transport.close)

    def _forget_head(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


async def _refuse_connection(scope: Scope, receive: Receive, send: Send) -> None:
    await refuse(BusyError(), scope["path"], headers=CLOSE)(scope, receive, send)
