"""The gRPC door: protobuf in, domain inside, protobuf out."""

from dataclasses import dataclass

import grpc

from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.catalog import handlers
from services.catalog.domain import Question
from services.catalog.domain.editing import ChangeKind, Revision
from services.catalog.ports import Register, Versions
from services.catalog.rpc.wire import (
    draft_to_proto,
    service_of,
    service_to_proto,
    to_proto,
    wish_of,
)
from services.chassis import codec

SERVICE = "qyzmet.catalog.v1.CatalogService"


@dataclass(frozen=True, slots=True)
class CatalogServicer(pb_grpc.CatalogServiceServicer):
    """Answers qyzmet.catalog.v1.CatalogService."""

    register: Register
    versions: Versions
    two_people: bool = False
    """Whether whoever publishes a draft must be nobody who changed it."""

    def GetCatalogue(  # noqa: N802
        self, request: pb.GetCatalogueRequest, context: grpc.ServicerContext
    ) -> pb.GetCatalogueResponse:
        """Return the whole register at one version."""
        catalogue = handlers.get_catalogue(
            request.version,
            request.known_version,
            current=self.register.current(),
            versions=self.versions,
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
            current=self.register.current(),
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
        current = self.register.current()
        service = handlers.get_service(request.service_id, current=current)
        return pb.GetServiceResponse(service=service_to_proto(service, current))

    def GetDraft(  # noqa: N802
        self, request: pb.GetDraftRequest, context: grpc.ServicerContext
    ) -> pb.GetDraftResponse:
        """Return the draft."""
        draft = self._told(self.register.revision(), whole=request.with_catalogue)
        return pb.GetDraftResponse(draft=draft)

    def ListChanges(  # noqa: N802
        self, request: pb.ListChangesRequest, context: grpc.ServicerContext
    ) -> pb.ListChangesResponse:
        """List who changed what."""
        page, token = handlers.list_changes(
            request.page_size, request.page_token, register=self.register
        )
        told = (codec.to_proto(one, pb.Change) for one in page)
        return pb.ListChangesResponse(changes=told, next_page_token=token)

    def ChangeService(  # noqa: N802
        self, request: pb.ChangeServiceRequest, context: grpc.ServicerContext
    ) -> pb.ChangeServiceResponse:
        """Change a service in the draft."""
        service = service_of(request.service)
        wish = wish_of(request, ChangeKind.CHANGE, request.service_id, service.id)
        made = handlers.change_service(wish, service, register=self.register)
        return pb.ChangeServiceResponse(draft=self._told(made))

    def MergeServices(  # noqa: N802
        self, request: pb.MergeServicesRequest, context: grpc.ServicerContext
    ) -> pb.MergeServicesResponse:
        """End a service in the draft in favour of another."""
        wish = wish_of(request, ChangeKind.MERGE, request.service_id, request.successor_id)
        made = handlers.merge_services(wish, register=self.register)
        return pb.MergeServicesResponse(draft=self._told(made))

    def SplitService(  # noqa: N802
        self, request: pb.SplitServiceRequest, context: grpc.ServicerContext
    ) -> pb.SplitServiceResponse:
        """Make a service of a part of another in the draft."""
        part = service_of(request.part)
        rest = service_of(request.rest) if request.HasField("rest") else None
        wish = wish_of(request, ChangeKind.SPLIT, request.service_id, part.id)
        made = handlers.split_service(wish, part, rest, register=self.register)
        return pb.SplitServiceResponse(draft=self._told(made))

    def DiscardDraft(  # noqa: N802
        self, request: pb.DiscardDraftRequest, context: grpc.ServicerContext
    ) -> pb.DiscardDraftResponse:
        """Throw the draft away."""
        wish = wish_of(request, ChangeKind.DISCARD)
        made = handlers.discard_draft(wish, register=self.register)
        return pb.DiscardDraftResponse(draft=self._told(made))

    def PublishDraft(  # noqa: N802
        self, request: pb.PublishDraftRequest, context: grpc.ServicerContext
    ) -> pb.PublishDraftResponse:
        """Make the draft the register."""
        wish = wish_of(request, ChangeKind.PUBLISH)
        made = handlers.publish_draft(wish, register=self.register, two_people=self.two_people)
        return pb.PublishDraftResponse(draft=self._told(made))

    def _told(self, revision: Revision, *, whole: bool = False) -> pb.Draft:
        draft = draft_to_proto(revision, whole=whole)
        draft.two_people = self.two_people
        return draft
