"""The register of services, asked when a subscription names something of it."""

from dataclasses import dataclass, field

from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.chassis.client import Caller, open_channel
from services.chassis.offices import regional
from services.chassis.tls import Secured
from services.delivery.clients.offices import Names, names_of
from services.delivery.domain.subscriptions import Register

NAMES_DEADLINE = 2.0
"""A message to a citizen does not wait longer for a name."""


@dataclass(slots=True)
class _Copy:
    """The register as it was last asked for."""

    version: str = ""
    register: Register = field(default_factory=lambda: Register(*[frozenset()] * 3))
    names: Names = field(default_factory=dict)


class GrpcRegister:
    """The catalog service over gRPC; what has not changed is not sent again."""

    def __init__(self, address: str, caller: Caller, secured: Secured | None = None) -> None:
        self._channel = open_channel(address, secured)
        self._stub = pb_grpc.CatalogServiceStub(self._channel)
        self._caller = caller
        self._copy = _Copy()

    def __call__(self) -> Register:
        """Give the register as it is now; raises UnavailableError where catalog is away."""
        return self._current().register

    def names(self) -> Names:
        """Give what offices are called now; raises UnavailableError where catalog is away soon."""
        return self._current(NAMES_DEADLINE).names

    def _current(self, deadline: float | None = None) -> _Copy:
        request = pb.GetCatalogueRequest(known_version=self._copy.version)
        answer = self._caller.call(self._stub.GetCatalogue, request, deadline=deadline)
        if answer.HasField("catalogue"):
            found = answer.catalogue
            self._copy = _Copy(found.version, from_proto(found), names_of(found))
        return self._copy

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


def from_proto(message: pb.Catalogue) -> Register:
    """Return what subscriptions may name of the register.

    A service that is regional by itself has an office in every region, as a regional agency has.
    """
    regions = frozenset(region.code for region in message.regions)
    local = {agency.code for agency in message.agencies if agency.regional}
    local |= {service.agency for service in message.services if service.regional}
    offices = {agency.code for agency in message.agencies}
    offices |= {regional(code, region) for code in local for region in regions}
    return Register(
        frozenset(service.id for service in message.services), regions, frozenset(offices)
    )
