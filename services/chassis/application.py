"""What a running service is made of, and what the platform gives it.

Each service has `app.build(platform) -> Application`; `qyzmet up` builds all of
them on one platform, `qyzmet serve NAME` one of them on its own. What a build
opens it puts on an ExitStack, which the Application takes over: a build that
fails half-way (a port is taken) leaves nothing open.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from services.chassis.auth import Guard, Issuer, ServiceTokens
from services.chassis.bus.port import Bus
from services.chassis.config import Settings
from services.chassis.emergency import Recognise, recognise_nothing
from services.chassis.oidc import OutsideIssuer, either, nobody
from services.chassis.policy import Policy
from services.chassis.tls import Certificates, Secured

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time now, with its zone."""
    return datetime.now(UTC)  # noqa: TID251  the one clock that handlers are given


class Part(Protocol):
    """Something that runs: a server, a consumer loop, a relay."""

    def start(self) -> None:
        """Begin; returns when it is ready."""

    def stop(self, grace: float) -> None:
        """End what runs within the grace, in seconds; also where nothing runs yet or any more."""


P = TypeVar("P", bound=Part)


@contextmanager
def stopping(part: P) -> Iterator[P]:
    """Stop a part in the end: as `contextlib.closing` does for what has `close`."""
    try:
        yield part
    finally:
        part.stop(0.0)


@dataclass(frozen=True, slots=True)
class Application:
    """A service, wired and ready to start."""

    name: str
    parts: Sequence[Part]
    """In the order of starting; stopped in reverse."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Where its doors listen, by the names of `config.Addresses`."""
    close: Callable[[], None] = lambda: None
    """Closes databases and channels, after all parts have stopped."""

    def start(self) -> None:
        """Start every part."""
        for part in self.parts:
            part.start()

    def stop(self, grace: float = 5.0) -> None:
        """Stop every part, the last started first, and close; one that fails holds up no other."""
        with ExitStack() as ending:
            ending.callback(self.close)
            for part in self.parts:
                ending.callback(part.stop, grace)


@dataclass(slots=True)
class Platform:
    """What every service stands on: settings, bus, guard, clock, and where the others are."""

    settings: Settings
    bus: Bus
    guard: Guard
    issuer: Issuer
    addresses: dict[str, str]
    clock: Clock = utc_now
    recognise: Recognise = recognise_nothing
    """Given by who puts the product together: the rules are the classifier's."""

    def secured(self, service: str, door: str) -> Secured | None:
        """Return what a service shows at another's door; None for no TLS between services."""
        certificates = self.guard.certificates
        return None if certificates is None else certificates.client(service, door)

    def tokens(self, service: str) -> ServiceTokens:
        """Return the tokens a service shows to the others."""
        return ServiceTokens(self.issuer, service)


def platform(settings: Settings, bus: Bus, recognise: Recognise = recognise_nothing) -> Platform:
    """Build the platform the settings describe, on a bus."""
    issuer = Issuer.at(settings.secrets_dir)
    outside = OutsideIssuer.of(settings.oidc).verify if settings.oidc.issuer else nobody
    verify = either(issuer.verify, outside, is_strict=settings.is_production)
    guard = Guard(
        verify,
        Policy.bundled(),
        allow_anonymous=not settings.is_production,
        certificates=Certificates(settings.tls_dir) if settings.tls_dir else None,
        pseudonym=issuer.pseudonym,
    )
    addresses = settings.addresses.model_dump()
    return Platform(settings, bus, guard, issuer, addresses, recognise=recognise)
