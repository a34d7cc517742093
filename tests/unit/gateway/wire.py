"""Gateways with other limits, and connections to them without an HTTP client between."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.app import build
from gateway.http.limits import Limits
from services.chassis.application import Platform
from services.chassis.testing import running


@contextmanager
def limited(platform: Platform, limits: Limits) -> Iterator[str]:
    """Run a second gateway with other limits, and tell where."""
    with running(platform, build(platform, limits)) as gateway:
        yield gateway.addresses["http"]


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    """Connect without an HTTP client between."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        yield wire


def read_all(wire: socket.socket) -> bytes:
    """Read until the other side closes."""
    return b"".join(iter(lambda: wire.recv(65536), b""))
