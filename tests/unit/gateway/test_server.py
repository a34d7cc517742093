"""The HTTP server as a part of the application."""

import socket
from pathlib import Path

import httpx
import pytest

from gateway.app import build
from services.chassis.errors import UnavailableError
from services.chassis.testing import platform_in, running
from tests.unit.gateway.peer import Peer, on_stage


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """Who starts a second gateway by mistake is told which port it wanted."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with (
            platform_in(tmp_path, http_port=port) as platform,
            pytest.raises(UnavailableError, match=f":{port}"),
        ):
            build(platform)


def test_a_gateway_never_started_gives_its_port_back(tmp_path: Path) -> None:
    """Building takes the port; stopping frees it, started or not."""
    with platform_in(tmp_path) as platform:
        built = build(platform)
        built.stop(grace=1.0)

    host, _, port = built.addresses["http"].rpartition(":")
    with socket.create_server((host, int(port))) as again:
        assert again.getsockname()[1] == int(port)


def test_a_stopped_gateway_does_not_answer(tmp_path: Path) -> None:
    """After the stop nobody listens."""
    with platform_in(tmp_path) as platform, running(platform, build(platform)) as gateway:
        address = gateway.addresses["http"]

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{address}/healthz")


def test_production_wants_to_know_who_asks(tmp_path: Path) -> None:
    """Where anonymous callers are off, a request without a token answers 401."""
    with (
        platform_in(tmp_path, environment="production") as platform,
        running(platform, build(platform)) as gateway,
    ):
        answer = httpx.get(f"http://{gateway.addresses['http']}/v1/services")

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("path", ["checkpoint", "consistency?first_size=3"])
def test_in_production_anybody_watches_the_log(tmp_path: Path, path: str) -> None:
    """A witness has no account: portal and service let them in without a token."""
    with (
        platform_in(tmp_path, environment="production") as platform,
        on_stage(platform, Peer()) as peer,
        running(platform, build(platform)) as gateway,
    ):
        answer = httpx.get(f"http://{gateway.addresses['http']}/v1/audit/{path}")

    assert answer.status_code == 200, answer.text
    assert len(peer.asked) == 1
