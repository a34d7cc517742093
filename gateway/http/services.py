"""The register of services, and how much of the demand online services handle."""

from typing import Annotated

from fastapi import Path
from fastapi import Query as FromQuery
from starlette.responses import Response

from gateway.http import queries
from gateway.http.contract import READS, tells
from gateway.http.routers import ApiRouter
from gateway.http.session import Caller, answer, read
from qyzmet.audit.v1 import audit_pb2
from qyzmet.catalog.v1 import catalog_pb2 as pb

router = ApiRouter(tags=["services"])

ServiceId = Annotated[
    str,
    Path(
        max_length=128,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="The service, by its id.",
        examples=["identity.passport"],
    ),
]


@router.get("/v1/services", **tells(pb.ListServicesResponse, "A page of services."))
async def list_services(
    page: Annotated[queries.ServicePage, FromQuery()], caller: Caller
) -> Response:
    """List the public services, in the order of their ids."""
    request = read(pb.ListServicesRequest, page)
    return answer(await caller.call(caller.clients.catalog.ListServices, request))


@router.get("/v1/services/{service_id}", **tells(pb.Service, "The service.", errors=READS))
async def get_service(service_id: ServiceId, caller: Caller) -> Response:
    """Look a public service up."""
    request = pb.GetServiceRequest(service_id=service_id)
    return answer((await caller.call(caller.clients.catalog.GetService, request)).service)


@router.get("/v1/coverage", **tells(audit_pb2.GetCoverageResponse, "The coverage."))
async def get_coverage(caller: Caller) -> Response:
    """See how much of the demand online services handle, by service and by office."""
    request = audit_pb2.GetCoverageRequest()
    return answer(await caller.call(caller.clients.audit.GetCoverage, request))
