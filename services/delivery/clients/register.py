"""The register of services, asked when a subscription names something of it."""

from dataclasses import dataclass, field

from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.chassis.client import Caller, open_channel
from services.chassis.tls import Secured
from services.delivery.domain.subscriptions import Register


@dataclass(slots=True)
class _Copy:
    """The register as it was last asked for."""

    version: str = ""
    register: Register = field(default_factory=lambda: Register(*[frozenset()] * 3))


class GrpcRegister:
    """The catalog service over gRPC; what has not changed is not sent again."""

    def __init__(self, address: str, caller: Caller, secured: Secured | None = None) -> None:
        self._channel = open_channel(address, secured)
        self._stub = pb_grpc.CatalogServiceStub(self._channel)
        self._caller = caller
        self._copy = _Copy()

    def __call__(self) -> Register:
        """Give the register as it is now; raises UnavailableError where catalog is away."""
        request = pb.GetCatalogueRequest(known_version=self._copy.version)
        answer = self._caller.call(self._stub.GetCatalogue, request)
        if answer.HasField("catalogue"):
            self._copy = _Copy(answer.catalogue.version, from_proto(answer.catalogue))
        return self._copy.register

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
    offices |= {f"{code.lower()}-{region}" for code in local for region in regions}
    return Register(
        frozenset(service.id for service in message.services), regions, frozenset(offices)
    )
