"""A register of services that answers for catalog over gRPC."""

from typing import Any

from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.chassis import testing
from services.chassis.application import Application, Platform
from services.chassis.errors import UnavailableError

REGISTER = pb.Catalogue(
    version="1",
    services=[
        pb.Service(id="identity.passport", agency="MIA"),
        pb.Service(id="identity.id-card", agency="MIA"),
    ],
    agencies=[pb.Agency(code="MIA"), pb.Agency(code="AKIMAT", regional=True)],
    regions=[pb.Region(code="75"), pb.Region(code="10")],
)


class Catalog(pb_grpc.CatalogServiceServicer):
    """Answers for the register, or is away."""

    def __init__(self, platform: Platform) -> None:
        self.is_away = False
        server = testing.peer(
            platform,
            lambda server: pb_grpc.add_CatalogServiceServicer_to_server(self, server),
            "qyzmet.catalog.v1.CatalogService",
        )
        self.built = Application("catalog", [server], {"catalog": server.address})

    def GetCatalogue(self, request: pb.GetCatalogueRequest, context: Any) -> Any:
        """Return the register to who does not have it."""
        if self.is_away:
            raise UnavailableError
        if request.known_version == REGISTER.version:
            return pb.GetCatalogueResponse()
        return pb.GetCatalogueResponse(catalogue=REGISTER)

    def ListServices(self, request: Any, context: Any) -> Any:
        """Nobody asks."""
        raise NotImplementedError

    GetService = ListServices
