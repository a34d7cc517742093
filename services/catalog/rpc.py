"""The gRPC door: protobuf in, domain inside, protobuf out."""

from dataclasses import dataclass

import grpc

from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.catalog import handlers
from services.catalog.domain import Catalogue, Question, Service
from services.catalog.domain.register import OPTIONAL_TEXTS
from services.catalog.ports import Versions
from services.chassis import codec

SERVICE = "qyzmet.catalog.v1.CatalogService"


@dataclass(frozen=True, slots=True)
class CatalogServicer(pb_grpc.CatalogServiceServicer):
    """Answers qyzmet.catalog.v1.CatalogService."""

    current: Catalogue
    versions: Versions

    def GetCatalogue(  # noqa: N802
        self, request: pb.GetCatalogueRequest, context: grpc.ServicerContext
    ) -> pb.GetCatalogueResponse:
        """Return the whole register at one version."""
        catalogue = handlers.get_catalogue(
            request.version, request.known_version, current=self.current, versions=self.versions
        )
        return pb.GetCatalogueResponse(catalogue=to_proto(catalogue) if catalogue else None)

    def ListServices(  # noqa: N802
        self, request: pb.ListServicesRequest, context: grpc.ServicerContext
    ) -> pb.ListServicesResponse:
        """List services, page by page."""
        catalogue, page = handlers.list_services(
            Question(request.life_event, request.agency, request.query),
            page_size=request.page_size,
            page_token=request.page_token,
            current=self.current,
            versions=self.versions,
        )
        return pb.ListServicesResponse(
            services=[service_to_proto(service, catalogue) for service in page.services],
            next_page_token=page.next_token,
            catalogue_version=catalogue.version,
        )

    def GetService(  # noqa: N802
        self, request: pb.GetServiceRequest, context: grpc.ServicerContext
    ) -> pb.GetServiceResponse:
        """Return one service."""
        service = handlers.get_service(request.service_id, current=self.current)
        return pb.GetServiceResponse(service=service_to_proto(service, self.current))


def to_proto(catalogue: Catalogue) -> pb.Catalogue:
    """Return a catalogue as its message."""
    message = codec.to_proto(catalogue, pb.Catalogue)
    for service, written in zip(catalogue.services, message.services, strict=True):
        _complete(written, service, catalogue)
    return message


def service_to_proto(service: Service, catalogue: Catalogue) -> pb.Service:
    """Return a service of a catalogue as its message."""
    message = codec.to_proto(service, pb.Service)
    _complete(message, service, catalogue)
    return message


def _complete(message: pb.Service, service: Service, catalogue: Catalogue) -> None:
    message.regional = catalogue.is_regional(service)
    for name in OPTIONAL_TEXTS:
        if getattr(service, name).is_empty:
            message.ClearField(name)
