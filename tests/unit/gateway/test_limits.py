"""Bounds on what comes in."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from gateway.http.limits import Limits
from services.chassis.application import Platform
from tests.unit.gateway.peer import Peer
from tests.unit.gateway.wire import connected, limited, read_all

HEAD = b"POST /v1/suggestions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


def test_a_body_at_the_limit_is_taken(http: httpx.Client) -> None:
    """64 KiB are not too many."""
    body = b'{"text": "a"}'.ljust(64 * 1024)

    answer = http.post(
        "/v1/suggestions", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 200


def test_a_body_without_a_length_is_bounded_too(http: httpx.Client, peer: Peer) -> None:
    """A body sent in chunks is refused as soon as it is too large."""
    chunks = (b" " * 1024 for _ in range(200))

    answer = http.post("/v1/cases", content=chunks, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")
    assert peer.asked == []


def test_a_body_that_says_it_is_too_large_is_refused_unread(address: str) -> None:
    """Who asks first is told before sending anything."""
    with connected(address) as wire:
        wire.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n")
        answer = read_all(wire)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_that_comes_too_slowly_is_refused(platform: Platform, peer: Peer) -> None:
    """A body that does not end in time answers 408 and frees its place."""
    with limited(platform, Limits(body_seconds=0.05)) as address, connected(address) as wire:
        wire.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"text"')
        answer = read_all(wire)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"REQUEST_TIMEOUT" in answer
    assert peer.asked == []


@pytest.fixture
def crowded(platform: Platform, peer: Peer, eventually: Callable) -> Iterator[str]:
    """Run a gateway whose only place is taken by a request that waits."""
    may_end = threading.Event()
    peer.wait_for = lambda: may_end.wait(10)
    with limited(platform, Limits(requests=1)) as address, ThreadPoolExecutor() as pool:
        waiting = pool.submit(httpx.get, f"http://{address}/v1/services")
        eventually(lambda: peer.asked)
        yield address
        may_end.set()
        assert waiting.result(10).status_code == 200


def test_one_request_too_many_is_sent_away_until_later(crowded: str) -> None:
    """What comes on top is answered at once with 503 and when to try again."""
    answer = httpx.get(f"http://{crowded}/v1/services")

    assert (answer.status_code, answer.json()["code"]) == (503, "OVERLOADED")
    assert answer.headers["Retry-After"] == "1"


def test_a_crowded_gateway_still_says_that_it_lives(crowded: str) -> None:
    """Liveness does not depend on load, or a busy process would be killed for being busy."""
    assert httpx.get(f"http://{crowded}/healthz").status_code == 200


def test_a_place_is_free_again_after_an_answer(platform: Platform, peer: Peer) -> None:
    """Requests one after another never fill the gateway, however they end."""
    with limited(platform, Limits(requests=1)) as address, httpx.Client() as http:
        answers = [http.get(f"http://{address}{path}") for path in ("/none", "/v1/services")]

    assert [answer.status_code for answer in answers] == [404, 200]
