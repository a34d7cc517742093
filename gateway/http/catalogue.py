"""The work of catalogue stewards: one draft of the register, changed, published or thrown away."""

from typing import Annotated, Any

from fastapi import Body
from fastapi import Query as FromQuery
from starlette.responses import Response

from gateway.http import draft_bodies as bodies
from gateway.http import examples
from gateway.http.contract import WRITES, tells
from gateway.http.routers import ApiRouter
from gateway.http.services import ServiceId
from gateway.http.session import Caller, IdempotencyKey, answer, read
from qyzmet.catalog.v1 import catalog_pb2 as pb

router = ApiRouter(tags=["catalogue"])
DRAFT = "/v1/catalogue/draft"
SERVICE = f"{DRAFT}/services/{{service_id}}"
MADE: dict[str, Any] = tells(pb.Draft, "The draft after it.", errors=WRITES)


@router.get(DRAFT, **tells(pb.Draft, "The draft."))
async def get_draft(asked: Annotated[bodies.DraftView, FromQuery()], caller: Caller) -> Response:
    """See the next version of the register, and what it would change; for stewards."""
    request = read(pb.GetDraftRequest, asked)
    return answer((await caller.call(caller.clients.catalog.GetDraft, request)).draft)


@router.get("/v1/catalogue/changes", **tells(pb.ListChangesResponse, "A page of changes."))
async def list_changes(page: Annotated[bodies.ChangePage, FromQuery()], caller: Caller) -> Response:
    """See who changed what in drafts of the register, newest first."""
    request = read(pb.ListChangesRequest, page)
    return answer(await caller.call(caller.clients.catalog.ListChanges, request))


@router.put(SERVICE, **MADE)
async def change_service(
    service_id: ServiceId,
    key: IdempotencyKey,
    body: Annotated[bodies.ChangeService, Body(openapi_examples=examples.CHANGE_SERVICE)],
    caller: Caller,
) -> Response:
    """Change a service in the draft.

    With another id in the body it is renamed, and the old id leads to it.
    """
    request = read(pb.ChangeServiceRequest, body, service_id=service_id, request_id=key)
    return answer((await caller.call(caller.clients.catalog.ChangeService, request)).draft)


@router.post(f"{SERVICE}:merge", **MADE)
async def merge_services(
    service_id: ServiceId,
    key: IdempotencyKey,
    body: Annotated[bodies.MergeServices, Body(openapi_examples=examples.MERGE_SERVICES)],
    caller: Caller,
) -> Response:
    """End a service in the draft; its id leads to another from then on."""
    request = read(pb.MergeServicesRequest, body, service_id=service_id, request_id=key)
    return answer((await caller.call(caller.clients.catalog.MergeServices, request)).draft)


@router.post(f"{SERVICE}:split", **MADE)
async def split_service(
    service_id: ServiceId,
    key: IdempotencyKey,
    body: Annotated[bodies.SplitService, Body(openapi_examples=examples.SPLIT_SERVICE)],
    caller: Caller,
) -> Response:
    """Make a service of its own of a part of another, in the draft."""
    request = read(pb.SplitServiceRequest, body, service_id=service_id, request_id=key)
    return answer((await caller.call(caller.clients.catalog.SplitService, request)).draft)


@router.post(f"{DRAFT}:discard", **MADE)
async def discard_draft(
    key: IdempotencyKey,
    body: Annotated[bodies.DiscardDraft, Body(openapi_examples=examples.DISCARD_DRAFT)],
    caller: Caller,
) -> Response:
    """Throw the draft away; who changed what in it stays on record."""
    request = read(pb.DiscardDraftRequest, body, request_id=key)
    return answer((await caller.call(caller.clients.catalog.DiscardDraft, request)).draft)


@router.post(f"{DRAFT}:publish", **MADE)
async def publish_draft(
    key: IdempotencyKey,
    body: Annotated[bodies.PublishDraft, Body(openapi_examples=examples.PUBLISH_DRAFT)],
    caller: Caller,
) -> Response:
    """Make the draft the register, as of the version that was looked at."""
    request = read(pb.PublishDraftRequest, body, request_id=key)
    return answer((await caller.call(caller.clients.catalog.PublishDraft, request)).draft)
