"""Puts services together in one process: the same wiring for `up` and `serve`."""

import fcntl
import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.chassis import application
from services.chassis.application import Application, Platform
from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.config import Settings
from services.chassis.errors import InvalidError, UnavailableError

BUILDERS = {
    "catalog": "services.catalog.app",
    "classifier": "classifier.app",
    "cases": "services.cases.app",
    "routing": "services.routing.app",
    "delivery": "services.delivery.app",
    "audit": "services.audit.app",
    "gateway": "gateway.app",
}
"""Every service and the module that wires it; who is asked starts before who asks."""


ALONE_STEP = 0.1
SHARED_STEP = 0.01


class AlreadyRunningError(UnavailableError):
    """Another process uses this data folder; stop it, or set QYZMET_DATA_DIR to another folder."""

    reason = "DATA_DIR_IN_USE"


class DataDirError(InvalidError):
    """The data folder cannot be used."""

    reason = "DATA_DIR"


@dataclass(slots=True)
class Running:
    """Services that run in this process."""

    platform: Platform
    applications: list[Application] = field(default_factory=list)

    @property
    def addresses(self) -> dict[str, str]:
        """Tell where every started door listens."""
        return {
            name: address
            for built in self.applications
            for name, address in built.addresses.items()
        }


@contextmanager
def running(
    settings: Settings,
    names: Sequence[str],
    *,
    told: Callable[[str], None] = lambda name: None,
) -> Iterator[Running]:
    """Build and start services one after another; stop them in reverse at the end."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    bus = EmbeddedBus(
        settings.data_dir / "bus.sqlite",
        now=application.utc_now,
        lease=settings.lease_seconds,
        # Writes of this process wake its consumers at once; only others' are looked for.
        watch_step=ALONE_STEP if set(names) == set(BUILDERS) else SHARED_STEP,
    )
    started = Running(application.platform(settings, bus))
    try:
        for name in names:
            told(name)
            build = importlib.import_module(BUILDERS[name]).build
            built: Application = build(started.platform)
            started.platform.addresses.update(built.addresses)
            started.applications.append(built)
            built.start()
        yield started
    finally:
        for built in reversed(started.applications):
            built.stop()
        bus.close()


@contextmanager
def alone_in(settings: Settings) -> Iterator[None]:
    """Hold a data folder for this process; the system lets go of it even after kill -9."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(settings.data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        message = f"QYZMET_DATA_DIR: {settings.data_dir}: {error.strerror}"
        raise DataDirError(message) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise AlreadyRunningError from error
    try:
        yield
    finally:
        os.close(handle)
