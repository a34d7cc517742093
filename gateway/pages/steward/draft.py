"""The draft as a whole: what it would change, what the model makes of it, and its end."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from google.protobuf.message import Message
from starlette.responses import Response

from gateway.http.services import ServiceId
from gateway.pages.languages import PREFIX
from gateway.pages.steward.fields import AUDIENCES, CHANNELS, changed
from gateway.pages.steward.model import opinions
from gateway.pages.steward.services import drafted, found
from gateway.pages.visit import Sent, Visit, Visiting
from gateway.pages.words import N_
from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis import codec
from services.chassis.errors import ConflictError

router = APIRouter(prefix=f"{PREFIX}/steward", include_in_schema=False)
KIND = pb.DESCRIPTOR.enum_types_by_name["ChangeKind"]
KINDS = {
    "change": N_("Changed"),
    "merge": N_("Merged"),
    "split": N_("Split"),
    "discard": N_("Draft thrown away"),
    "publish": N_("Published"),
}
PAGE = 50


@router.get("/draft")
async def compare(visit: Visiting, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Show what publishing would change."""
    return await _shown(visit, done=done)


@router.post("/draft/publish")
async def publish(visit: Visiting, form: Sent) -> Response:
    """Make the draft the register, as of the version that was on the page."""
    request = pb.PublishDraftRequest(
        expected_version=form.number("version"), request_id=form.chosen("key")
    )
    return await _end(visit, visit.session.clients.catalog.PublishDraft, request, "publish")


@router.post("/draft/discard")
async def discard(visit: Visiting, form: Sent) -> Response:
    """Throw the draft away."""
    request = pb.DiscardDraftRequest(
        expected_version=form.number("version"), request_id=form.chosen("key")
    )
    return await _end(visit, visit.session.clients.catalog.DiscardDraft, request, "discard")


@router.get("/services/{service_id}/model")
async def ask_model(visit: Visiting, service_id: ServiceId) -> Response:
    """Show which service today's model names for the words of a service of the draft."""
    draft = await drafted(visit)
    service = found(draft, service_id)
    told = await opinions(visit, service, draft.catalogue)
    return visit.page("steward/model.html", service=service, opinions=told)


@router.get("/changes")
async def trail(visit: Visiting, after: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Show who changed what when."""
    request = pb.ListChangesRequest(page_size=PAGE, page_token=after)
    answer = await visit.call(visit.session.clients.catalog.ListChanges, request)
    changes = [(KINDS.get(codec.kebab(KIND, one.kind) or "", ""), one) for one in answer.changes]
    return visit.page(
        "steward/changes.html",
        changes=changes,
        next=answer.next_page_token,
        known=await visit.pages.register.current(visit.session),
    )


async def _end(visit: Visit, method: Callable[..., Any], request: Message, done: str) -> Response:
    """End the draft; where it changed meanwhile, show it as it is now instead."""
    try:
        await visit.call(method, request)
    except ConflictError as error:
        return await _shown(visit, status=409, refused=error.reason)
    return visit.go(f"/steward/draft?done={done}")


async def _shown(visit: Visit, status: int = 200, *, done: str = "", refused: str = "") -> Response:
    draft = (await visit.call(visit.session.clients.catalog.GetDraft, pb.GetDraftRequest())).draft
    differences = [(one, list(changed(one))) for one in draft.differences]
    return visit.page(
        "steward/draft.html",
        status,
        path="/steward/draft",
        draft=draft,
        differences=differences,
        known=await visit.pages.register.current(visit.session),
        channels=CHANNELS,
        audiences=AUDIENCES,
        key=secrets.token_hex(16),
        done=done,
        refused=refused,
        is_own=draft.two_people and visit.session.principal.subject in draft.editors,
    )
