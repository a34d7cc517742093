"""The world the classifier calls: the catalogue."""

from collections.abc import Callable

import stamina

from classifier.watch import Register
from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.chassis.client import Caller, open_channel
from services.chassis.errors import RETRYABLE
from services.chassis.tls import Secured


class CatalogueClient:
    """Reads the register of services from the catalogue service."""

    def __init__(
        self,
        address: str,
        bearer: Callable[[], str],
        *,
        deadline: float,
        secured: Secured | None = None,
    ) -> None:
        self._channel = open_channel(address, secured)
        self._stub = pb_grpc.CatalogServiceStub(self._channel)
        self._caller = Caller(bearer, deadline)
        self._deadline = deadline

    def register(self) -> Register:
        """Return the ids of all services; asks again while the catalogue is away."""
        for attempt in stamina.retry_context(
            on=RETRYABLE, attempts=None, timeout=self._deadline, wait_max=1.0
        ):
            with attempt:
                answer = self._caller.call(self._stub.GetCatalogue, pb.GetCatalogueRequest())
        catalogue = answer.catalogue
        return Register(catalogue.version, frozenset(one.id for one in catalogue.services))

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()
