"""Ports of this machine, for servers that are started on it."""

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Tell whether somebody listens there."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
