"""A mail server that keeps what it is handed, for tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class Mailbox:
    """What came, and what is refused."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuses: bool = False
    silent: threading.Event | None = None


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a mail server on a free port."""
    box = Mailbox()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            if box.silent is not None:
                box.silent.wait(30)
                return
            self.say("220 test")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"RCPT":
                    box.recipients.append(line.decode().strip())
                    self.say("550 no" if box.refuses else "250 ok")
                elif verb == b"DATA":
                    self.say("354 go on")
                    self.take()
                    self.say("250 ok")
                else:
                    self.say("221 bye" if verb == b"QUIT" else "250 ok")

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            made = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(made, EmailMessage)
            box.messages.append(made)

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            if box.silent is not None:
                box.silent.set()
            server.shutdown()
            thread.join()
