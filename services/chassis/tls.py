"""Mutual TLS between services: each shows a certificate of its own, and asks for the other's.

A folder holds `ca.pem`, whose certificates are taken, and for a service NAME its `NAME.pem` and
`NAME-key.pem`. A certificate says who it is of as SPIFFE does, in a URI: that of a service
`spiffe://qyzmet/service/cases`, that of an office `spiffe://qyzmet/office/MIA`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from services.chassis.errors import ForbiddenError, InvalidError
from services.chassis.policy import Policy
from services.chassis.principal import Principal, Role

DOMAIN = "spiffe://qyzmet/"
CA = "ca.pem"
SHARED_DOORS = {"feed": "delivery"}
"""Doors of services that have another one by their own name."""
OFFICE = "office"
NAMES = "x509_subject_alternative_name"

AuthContext = Mapping[str, Any]
"""What gRPC tells of a connection: names to lists of bytes, whatever its stubs say."""


class CertificateError(InvalidError):
    """A certificate or key for TLS between services cannot be read."""

    reason = "CERTIFICATE"


class PeerError(ForbiddenError):
    """The certificate shown is not of somebody who may call this."""

    reason = "PEER"


@dataclass(frozen=True, slots=True)
class Secured:
    """What a client shows, and the name it expects at the other end, wherever that is."""

    credentials: grpc.ChannelCredentials
    name: str


@dataclass(frozen=True, slots=True)
class Certificates:
    """The folder of certificates."""

    folder: Path

    def server(self, door: str) -> grpc.ServerCredentials:
        """Return what a door shows; it takes nobody without a certificate of our authority."""
        pair = self._pair(SHARED_DOORS.get(door, door))
        return grpc.ssl_server_credentials([pair], self._read(CA), require_client_auth=True)

    def client(self, service: str, door: str) -> Secured:
        """Return what a service shows at another's door, which must show its own name."""
        key, certificate = self._pair(service)
        credentials = grpc.ssl_channel_credentials(self._read(CA), key, certificate)
        return Secured(credentials, SHARED_DOORS.get(door, door))

    def _pair(self, name: str) -> tuple[bytes, bytes]:
        return self._read(f"{name}-key.pem"), self._read(f"{name}.pem")

    def _read(self, name: str) -> bytes:
        path = self.folder / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise CertificateError(f"QYZMET_TLS_DIR: {path}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Peer:
    """Whose certificate was shown."""

    kind: str
    name: str

    @classmethod
    def of(cls, context: AuthContext) -> "Peer":
        """Read whose it is; TLS has proved it before."""
        for told in context.get(NAMES, ()):
            kind, slash, name = told.decode("utf-8", "replace").removeprefix(DOMAIN).partition("/")
            if slash and told.startswith(DOMAIN.encode()) and name:
                return cls(kind, name)
        raise PeerError

    def check(self, method: str, principal: Principal, policy: Policy) -> None:
        """Refuse whoever may not knock at this service, or shows the token of somebody else."""
        service = method[1:].partition("/")[0]
        allowed = policy.callers.get(service, frozenset())
        if (OFFICE if self.kind == OFFICE else self.name) not in allowed:
            raise PeerError(f"{self.kind} {self.name} may not call {service}")
        is_own = principal.subject == f"service:{self.name}" and self.kind == "service"
        if principal.role is Role.SERVICE and not is_own:
            raise PeerError("the token is of another service than the certificate")
        if self.kind == OFFICE and self.name not in principal.offices:
            raise PeerError("the token is not of the office of the certificate")
