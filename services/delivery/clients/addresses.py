"""Where a webhook may lead: every address a name resolves to is looked at before it is used.

The address that was looked at is the one connected to, so that a name cannot mean
another one a moment later (DNS rebinding).
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from services.chassis.errors import DeadlineError, InvalidError
from services.delivery.clients.apart import Apart

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Iterable[str]]

DENIED = (
    ipaddress.ip_network("168.63.129.16/32"),  # a cloud's own service, on a public address
    ipaddress.ip_network("64:ff9b:1::/48"),  # NAT64 into a local network (RFC 8215)
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressNotAllowedError(InvalidError):
    """The address leads to where nothing may be sent."""

    reason = "ADDRESS_NOT_ALLOWED"


class HostUnknownError(InvalidError):
    """The name of the host does not resolve."""

    reason = "HOST_UNKNOWN"


def resolve(host: str, port: int) -> Iterable[str]:
    """Return the addresses of a host, as the system's resolver knows them."""
    found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [address[0] for *_, address in found]


@dataclass(frozen=True, slots=True)
class Guard:
    """Says which addresses may be sent to: public ones, and networks an operator names."""

    allowed: Sequence[Network] = ()
    resolve: Resolve = resolve

    def addresses(self, host: str, port: int, *, is_secure: bool) -> Sequence[str]:
        """Return the addresses of a host, or refuse; without TLS only what is named."""
        try:
            found = [ipaddress.ip_address(text) for text in self.resolve(host, port)]
        except (OSError, UnicodeError, ValueError) as error:
            raise HostUnknownError(field="url") from error
        if not found:
            raise HostUnknownError(field="url")
        for address in found:
            self._check(address, is_secure=is_secure)
        return [str(address) for address in found]

    def check(self, url: str) -> None:
        """Refuse a URL that leads to where nothing may be sent, as far as can be told now."""
        parts = urlsplit(url)
        is_secure = parts.scheme == "https"
        self.addresses(
            parts.hostname or "", parts.port or (443 if is_secure else 80), is_secure=is_secure
        )

    def _check(self, address: Address, *, is_secure: bool) -> None:
        inner = _inner(address)
        if any(inner in network for network in self.allowed if network.version == inner.version):
            return
        if not is_secure:
            raise AddressNotAllowedError("only https is delivered to", field="url")
        if not _is_public(inner):
            raise AddressNotAllowedError(field="url")


@dataclass(frozen=True, slots=True)
class Lookups:
    """Looks at addresses apart and for a while only: a resolver may take its time."""

    guard: Guard
    apart: Apart

    def check(self, office: str, url: str) -> None:
        """Refuse a URL of an office that leads to where nothing may be sent."""
        try:
            self.apart.run(office, lambda: self.guard.check(url))
        except DeadlineError as error:
            raise HostUnknownError(
                "the name of the host did not resolve in time", field="url"
            ) from error


def _inner(address: Address) -> Address:
    """Return the address that is really meant by one that wraps another."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def _is_public(address: Address) -> bool:
    if any(address in network for network in DENIED if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
