"""The HTTP server as a part of the application: uvicorn on a thread of its own."""

import socket
import threading
import time

import uvicorn
from fastapi import FastAPI

from gateway.http.connection import BoundedProtocol
from services.chassis.errors import UnavailableError

START_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 30
POLL_SECONDS = 0.01


class HttpServer:
    """Answers HTTP on one port from one event loop."""

    def __init__(self, app: FastAPI, host: str, port: int, proxies: str = "") -> None:
        self._socket = _bind(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.address = f"{host}:{self.port}"
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=BoundedProtocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies.split(",") if proxies else [],
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
            )
        )
        self._thread = threading.Thread(target=self._run, name="gateway", daemon=True)

    def start(self) -> None:
        """Open the door; returns when it answers."""
        self._thread.start()
        end = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > end or not self._thread.is_alive():
                raise UnavailableError(f"the HTTP door at {self.address} did not open")
            time.sleep(POLL_SECONDS)

    def stop(self, grace: float) -> None:
        """Take no more requests, let running ones end within the grace, and close."""
        self._server.config.timeout_graceful_shutdown = max(1, round(grace))
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(grace + 5)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _bind(host: str, port: int) -> socket.socket:
    """Take the port now, so that the address is known; listening begins at the start."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise UnavailableError(f"cannot listen on {host}:{port}: is it taken?") from error
    return taken
