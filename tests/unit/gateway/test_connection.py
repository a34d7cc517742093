"""Bounds on what comes before a request is one."""

import pytest

from gateway.http.connection import BoundedProtocol
from gateway.http.limits import Limits
from services.chassis.application import Platform
from tests.unit.gateway.wire import connected, limited, read_all


def test_a_head_without_end_is_refused(address: str) -> None:
    """A head that grows past its bound answers 431 and is not kept in memory."""
    with connected(address) as wire:
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 40_000)
        answer = read_all(wire)

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"HEAD_TOO_LARGE" in answer


def test_the_second_head_of_a_connection_is_bounded_too(address: str) -> None:
    """A connection does not earn trust by its first request."""
    with connected(address) as wire:
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.recv(4096).startswith(b"HTTP/1.1 200 ")
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 40_000)
        answer = read_all(wire)

    assert b"HTTP/1.1 431 " in answer


def test_a_head_that_comes_too_slowly_is_cut_off(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who connects and does not ask is not waited for."""
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 0.05)

    with connected(address) as wire:
        wire.sendall(b"GET /healthz HT")

        assert read_all(wire) == b""


def test_a_slow_body_is_not_cut_off_as_a_head(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound on the head ends with the head; the body has its own, which answers."""
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 0.5)

    with limited(platform, Limits(body_seconds=1.0)) as address, connected(address) as wire:
        wire.sendall(b"POST /v1/suggestions HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
        answer = read_all(wire)

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_one_connection_too_many_is_sent_away(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What connects on top is told to come back."""
    monkeypatch.setattr(BoundedProtocol, "max_connections", 0)

    with connected(address) as wire:
        wire.sendall(b"GET /v1/services HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = read_all(wire)

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in answer


def test_what_is_not_http_is_told_so(address: str) -> None:
    """Garbage is answered with a problem, like every other refusal."""
    with connected(address) as wire:
        wire.sendall(b"\x16\x03\x01\x02\x00\r\n\r\n")
        answer = read_all(wire)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
