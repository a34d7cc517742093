"""What tests of services are built from: a platform in a folder, and callers with tokens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc

from services.chassis import application
from services.chassis.application import Application, Platform, utc_now
from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.client import Caller, open_channel
from services.chassis.config import Addresses, Settings
from services.chassis.principal import Principal
from services.chassis.server import RpcServer

FREE_PORT = "127.0.0.1:0"
TOKEN_SECONDS = 600


def settings_in(folder: Path, **changed: object) -> Settings:
    """Return settings that keep everything in a folder and listen on free ports."""
    free = Addresses(**dict.fromkeys(Addresses.model_fields, FREE_PORT))
    return Settings(**{"data_dir": folder, "http_port": 0, "addresses": free, **changed})  # type: ignore[arg-type]  # names are checked by the class


@contextmanager
def platform_in(folder: Path, **changed: object) -> Iterator[Platform]:
    """Give a platform on the embedded bus, and close it."""
    settings = settings_in(folder, **changed)
    folder.mkdir(parents=True, exist_ok=True)
    bus = EmbeddedBus(settings.data_dir / "bus.sqlite", now=utc_now)
    try:
        yield application.platform(settings, bus)
    finally:
        bus.close()


@contextmanager
def running(platform: Platform, built: Application) -> Iterator[Application]:
    """Start an application, tell the platform where it listens, and stop it at the end."""
    platform.addresses.update(built.addresses)
    try:
        built.start()
        yield built
    finally:
        built.stop(grace=1.0)


@contextmanager
def channel_to(address: str) -> Iterator[grpc.Channel]:
    """Give a channel and close it."""
    with open_channel(address) as channel:
        yield channel


def peer(
    platform: Platform,
    register: Callable[[grpc.Server], object],
    *services: str,
    address: str = FREE_PORT,
    threads: int = 2,
) -> RpcServer:
    """Return a door at which a test plays services that others call."""
    return RpcServer(
        register,
        address=address,
        services=services,
        guard=platform.guard,
        threads=threads,
        show_reflection=False,
    )


def caller(platform: Platform, principal: Principal | None = None) -> Caller:
    """Return a caller in somebody's name; nobody's name is an anonymous citizen's."""
    token = platform.issuer.issue(principal, seconds=TOKEN_SECONDS) if principal else ""
    return Caller(lambda: token, deadline=10.0)
