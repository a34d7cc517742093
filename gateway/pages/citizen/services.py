"""A service of the register: what it does, what is needed, and how it is reached."""

import secrets

from fastapi import APIRouter
from starlette.responses import Response

from gateway.http.fields import MAX_TEXT
from gateway.http.services import ServiceId
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visiting
from qyzmet.catalog.v1 import catalog_pb2 as pb

router = APIRouter(prefix=PREFIX, include_in_schema=False)


@router.get("/services/{service_id}")
async def service_page(visit: Visiting, service_id: ServiceId) -> Response:
    """Show a service, and a box to ask for it."""
    request = pb.GetServiceRequest(service_id=service_id)
    found = await visit.call(visit.session.clients.catalog.GetService, request)
    return visit.page(
        "citizen/service.html",
        pb=pb,
        service=found.service,
        register=await visit.pages.register.current(visit.session),
        key=secrets.token_hex(16),
        contact="",
        wrong_contact="",
        most=MAX_TEXT,
    )
