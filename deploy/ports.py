"""Ports of this machine, for servers that are started on it."""

import random
import socket

HOST = "127.0.0.1"
LISTENING = range(15_000, 32_000)
"""Below those that systems lend to connections (RFC 6335: from 49152; Linux: from 32768).

A port of those may be lent to somebody's connection before the server that it is for listens.
"""
ATTEMPTS = 100


def free_port() -> int:
    """Return a port nobody listens on now; OSError where a hundred in a row are taken."""
    for port in random.SystemRandom().sample(LISTENING, ATTEMPTS):  # whatever a test seeded
        if _is_free(port):
            return port
    raise OSError(f"{ATTEMPTS} ports between {LISTENING[0]} and {LISTENING[-1]} are taken")


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def answers(port: int) -> bool:
    """Tell whether somebody listens there."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
