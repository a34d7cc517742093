"""The real gateway over HTTP, before a peer that answers for all services over gRPC."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from gateway.app import build
from services.chassis.application import Platform
from services.chassis.principal import Principal, Role
from services.chassis.testing import platform_in, running
from tests.unit.gateway.peer import Peer, on_stage

Sign = Callable[..., dict[str, str]]


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Give a platform in a folder."""
    with platform_in(tmp_path_factory.mktemp("gateway")) as made:
        yield made


@pytest.fixture(scope="package")
def stage(platform: Platform) -> Iterator[Peer]:
    """Run the peer in the place of every service."""
    with on_stage(platform, Peer()) as peer:
        yield peer


@pytest.fixture(scope="package")
def address(platform: Platform, stage: Peer) -> Iterator[str]:
    """Run the gateway and tell where."""
    with running(platform, build(platform)) as gateway:
        yield gateway.addresses["http"]


@pytest.fixture
def peer(stage: Peer) -> Peer:
    """Give the peer, with nothing remembered."""
    stage.forget()
    return stage


@pytest.fixture
def http(address: str, peer: Peer) -> Iterator[httpx.Client]:
    """Give an HTTP client of the gateway that names every request by a key."""
    headers = {"Idempotency-Key": "key-1"}
    with httpx.Client(base_url=f"http://{address}", headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def sign(platform: Platform) -> Sign:
    """Make the header that signs a role in."""

    def header(role: Role, *offices: str) -> dict[str, str]:
        principal = Principal("somebody", role, offices=frozenset(offices))
        return {"Authorization": f"Bearer {platform.issuer.issue(principal, seconds=60)}"}

    return header
