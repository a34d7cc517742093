"""Puts services together in one process: the same wiring for `up` and `serve`."""

import fcntl
import gc
import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import prometheus_client

from services.chassis import application
from services.chassis.application import Application, Platform
from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.port import Bus
from services.chassis.config import Kafka, Settings
from services.chassis.emergency import Recognise, recognise_nothing
from services.chassis.errors import InvalidError, UnavailableError

if TYPE_CHECKING:
    from services.chassis.bus.kafka import Connection, KafkaBus

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
KAFKA = "kafka://"


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


def open_bus(settings: Settings, *, watch_step: float = SHARED_STEP) -> Bus:
    """Open the bus that the settings name."""
    if settings.bus == "embedded":
        return EmbeddedBus(
            bus_file(settings),
            now=application.utc_now,
            lease=settings.lease_seconds,
            watch_step=watch_step,
        )
    return open_kafka(settings)


def bus_file(settings: Settings) -> Path:
    """Return where the embedded bus is kept."""
    return settings.data_dir / "bus.sqlite"


def open_kafka(settings: Settings) -> "KafkaBus":
    """Connect to the brokers that the settings name."""
    from services.chassis.bus.kafka import KafkaBus  # a fifth of a second, if needed

    return KafkaBus(kafka_connection(settings))


def kafka_connection(settings: Settings) -> "Connection":
    """Return how the brokers that the settings name are reached."""
    from services.chassis.bus.kafka import Connection

    kafka = settings.kafka
    return Connection(
        settings.bus.removeprefix(KAFKA),
        security=_security(kafka),
        session=kafka.session_seconds,
        poll_interval=kafka.poll_interval_seconds,
        publish=kafka.publish_seconds,
        answer=kafka.answer_seconds,
    )


def _security(kafka: Kafka) -> dict[str, str]:
    """Return what kafka-python is told of TLS and of signing in."""
    files = {"ssl_cafile": kafka.ssl_cafile, "ssl_certfile": kafka.ssl_certfile}
    told = {name: str(path) for name, path in files.items() if path is not None}
    if kafka.ssl_keyfile is not None:
        told["ssl_keyfile"] = str(kafka.ssl_keyfile)
    if kafka.security_protocol.startswith("SASL"):
        told["sasl_mechanism"] = kafka.sasl_mechanism
        told["sasl_plain_username"] = kafka.username
        told["sasl_plain_password"] = kafka.password.get_secret_value()
    return {"security_protocol": kafka.security_protocol, **told}


@contextmanager
def _metrics(address: str) -> Iterator[None]:
    """Show the metrics of this process at an address, if one is given."""
    if not address:
        yield
        return
    host, _, port = address.rpartition(":")
    try:
        server, thread = prometheus_client.start_http_server(int(port), host)
    except OSError as error:
        raise UnavailableError(f"QYZMET_METRICS: cannot listen on {address}") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running(
    settings: Settings,
    names: Sequence[str],
    *,
    told: Callable[[str], None] = lambda name: None,
) -> Iterator[Running]:
    """Build and start services one after another; stop them in reverse at the end."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    # Writes of this process wake its consumers at once; only others' are looked for.
    bus = open_bus(settings, watch_step=ALONE_STEP if set(names) == set(BUILDERS) else SHARED_STEP)
    with closing(bus), _metrics(settings.metrics):
        started = Running(application.platform(settings, bus, _recognise(names)))
        try:
            for name in names:
                told(name)
                build = importlib.import_module(BUILDERS[name]).build
                built: Application = build(started.platform)
                started.platform.addresses.update(built.addresses)
                started.applications.append(built)
                built.start()
            with settled():
                yield started
        finally:
            for built in reversed(started.applications):
                built.stop()


@contextmanager
def settled() -> Iterator[None]:
    """Keep what a start brought out of the collector's rounds: it stays until the end anyway.

    A full round over it took 0.1 s, and an answer of many rows made one or two of them.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _recognise(names: Sequence[str]) -> Recognise:
    """Return the rules of emergencies where people write and requests are accepted, read before."""
    if not {"cases", "gateway"} & set(names):
        return recognise_nothing
    from classifier import emergency
    from services.chassis.masking import mask

    emergency.bundled()
    return partial(emergency.find, mask=mask)


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
