"""`qyzmet up` and `qyzmet serve`: run services until told to stop."""

import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.markup import escape

from deploy.cli import assembly
from deploy.cli.terminal import err, out
from services.chassis import config, telemetry
from services.chassis.application import Platform
from services.chassis.auth import Issuer
from services.chassis.config import Settings
from services.chassis.demo import DEMO_PRINCIPALS
from services.chassis.errors import InvalidError, UnavailableError
from services.chassis.principal import Principal, Role

DEMO_TOKEN_SECONDS = 12 * 3600


class PortTakenError(UnavailableError):
    """The HTTP door cannot listen on its address."""

    reason = "CANNOT_LISTEN"


def up(bus: str = "", database: str = "") -> None:
    """Start every service in this process and stay until Ctrl-C."""
    from deploy.cli import model  # brings scikit-learn, which `serve cases` has no use for

    begin = time.monotonic()
    settings = config.load(bus=bus, database=database)
    telemetry.configure(settings)
    with assembly.alone_in(settings):
        _refuse_taken_port(settings)
        model.ensure_live(settings)  # before the signals: Ctrl-C may break off a training
        with (
            _stop_signals() as stop,
            assembly.running(
                settings, list(assembly.BUILDERS), told=lambda name: err.print(f"  starting {name}")
            ) as running,
        ):
            _introduce(running, time.monotonic() - begin)
            if why := model.refusal(settings):
                err.print(f"\n[bold red]{escape(why)}[/bold red]\nEvery case goes to people.")
            stop.wait()
            err.print("\nstopping")
    err.print("stopped")


def serve(name: str, bus: str = "", database: str = "") -> None:
    """Start one service in this process and stay until told to stop."""
    settings = config.load(bus=bus, database=database)
    telemetry.configure(settings)
    with _stop_signals() as stop, assembly.running(settings, [name]) as running:
        for door, address in running.addresses.items():
            err.print(f"{name}: {door} at {address}")
        stop.wait()


def token(role: str, subject: str, offices: Sequence[str], portal: str) -> str:
    """Return a token of the local issuer."""
    settings = config.load()
    if role not in set(Role):
        raise InvalidError(f"the roles are: {', '.join(Role)}", field="role")
    if settings.is_production:
        raise InvalidError("the local issuer makes no tokens for people in production")
    principal = Principal(subject, Role(role), portal=portal, offices=frozenset(offices))
    return Issuer.at(settings.secrets_dir).issue(principal, seconds=DEMO_TOKEN_SECONDS)


def pseudonym(subject: str) -> str:
    """Return how the logs of this installation call somebody."""
    folder = config.load().secrets_dir
    if not Issuer.is_at(folder):
        raise InvalidError(
            f"{folder} holds no key of an installation: set QYZMET_DATA_DIR to its folder"
        )
    return Issuer.at(folder).pseudonym(subject)


def demo_tokens(platform: Platform) -> dict[str, str]:
    """Return a token for each kind of caller, to try things out."""
    return {
        who: platform.issuer.issue(principal, seconds=DEMO_TOKEN_SECONDS)
        for who, principal in DEMO_PRINCIPALS.items()
    }


def _refuse_taken_port(settings: Settings) -> None:
    """Say that the port is taken now, rather than after a training and six services."""
    host, port = settings.http_host, settings.http_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise PortTakenError(
            f"cannot listen on {host}:{port}: {error.strerror}; "
            "set QYZMET_HTTP_HOST or QYZMET_HTTP_PORT to another"
        ) from error


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C and a polite kill set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    yield stop


def _introduce(running: assembly.Running, seconds: float) -> None:
    """Print where everything is, who one may be, and what to try first."""
    settings: Settings = running.platform.settings
    http = running.addresses["http"]
    out.print(f"\n[bold]Qyzmet is ready[/bold] after {seconds:.1f} s: http://{http}")
    out.print(f"  pages          http://{http}/ (sign in as anybody below; no password)")
    out.print(f"  readable API   http://{http}/docs")
    out.print(f"  OpenAPI 3.1    http://{http}/openapi.json")
    for door, address in running.addresses.items():
        if door != "http":
            out.print(f"  gRPC {door:<10} {address}")
    if not settings.is_production:
        out.print("\nDemo tokens, good for twelve hours (Authorization: Bearer …):")
        for who, token in demo_tokens(running.platform).items():
            out.print(f"  {who}\n{token}", soft_wrap=True)
    out.print("\nTry:")
    out.print(_first_curl(http), soft_wrap=True)
    out.print("\nCtrl-C stops everything.")


def _first_curl(http: str) -> str:
    return (
        f"  curl -s http://{http}/v1/cases -H 'Content-Type: application/json' "
        "-H 'Idempotency-Key: first-1' -d '{\"text\": \"Паспортымды жоғалтып алдым\"}'"
    )
