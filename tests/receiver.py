"""A webhook receiver of an office, for tests: verifies, remembers, and answers as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True)
class Answer:
    """What a receiver says."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    before: Callable[[], object] = lambda: None
    """Called before anything is answered, such as to sleep."""


@dataclass(frozen=True)
class Call:
    """What a receiver was sent."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Return the id, the same in each repetition."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        """Return what was told."""
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Tell whether the library of the standard accepts it."""
        try:
            Webhook(secret).verify(self.body, self.headers)
        except WebhookVerificationError:
            return False
        return True


@dataclass
class Receiver:
    """Answers validation events by their challenge, and events by `answer`."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    answer: Callable[[Call], Answer] = lambda call: Answer()
    echoes: bool = True
    before: Callable[[], object] = lambda: None
    """Called before a validation event is answered."""

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}/events"

    @property
    def events(self) -> list[Any]:
        """Return the events told, repetitions too, without validations."""
        return [call.event for call in self.calls if "sequence" in call.event]

    @property
    def sequences(self) -> list[int]:
        """Return the places in the feed of what was told."""
        return [event["sequence"] for event in self.events]

    def take(self, call: Call) -> Answer:
        """Remember a call and answer it."""
        self.calls.append(call)
        if self.echoes and "challenge" in call.event:
            body = json.dumps({"challenge": call.event["challenge"]}).encode()
            return Answer(200, {"Content-Type": "application/json"}, body, self.before)
        return self.answer(call)


@contextmanager
def receiving(wrap: Callable[[Any], Any] = lambda socket: socket) -> Iterator[Receiver]:
    """Run a receiver on a free port; `wrap` may put TLS around its socket."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = receiver.take(Call(headers, body))
            told.before()
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Let go who hung up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = wrap(server.socket)
        receiver.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
