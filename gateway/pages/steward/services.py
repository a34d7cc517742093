"""Services in the draft: found, changed, merged and split."""

import secrets
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.http.services import ServiceId
from gateway.pages.languages import PREFIX
from gateway.pages.steward.fields import Fault, Filled, choices, service_of, typed, values_of
from gateway.pages.visit import Form, Sent, Visit, Visiting
from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis.errors import (
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    VersionConflictError,
)

router = APIRouter(prefix=f"{PREFIX}/steward", include_in_schema=False)
MOST_SHOWN = 50
ONE = "/services/{service_id}"
LATE = (VersionConflictError, IdempotencyKeyReusedError)
"""Somebody was quicker, or the form was sent before with other words: what was typed is kept."""

Words = Annotated[str, Query(max_length=200)]


async def drafted(visit: Visit) -> pb.Draft:
    """Return the draft with the whole register."""
    request = pb.GetDraftRequest(with_catalogue=True)
    draft: pb.Draft = (await visit.call(visit.session.clients.catalog.GetDraft, request)).draft
    return draft


def found(draft: pb.Draft, service_id: str) -> pb.Service:
    """Return a service of the draft."""
    for service in draft.catalogue.services:
        if service.id == service_id:
            return service
    raise NotFoundError("there is no such service", reason="UNKNOWN_SERVICE")


@router.get("")
async def search(visit: Visiting, q: Words = "") -> Response:
    """Find a service by any of its words."""
    draft = await drafted(visit)
    wanted = q.casefold().split()
    hits = [one for one in draft.catalogue.services if _speaks_of(one, wanted)]
    hits.sort(key=lambda one: not _is_called(one, wanted))
    shown = list(islice(hits, MOST_SHOWN + 1))
    return visit.page(
        "steward/search.html",
        draft=draft,
        known=await visit.pages.register.current(visit.session),
        q=q,
        services=shown[:MOST_SHOWN],
        has_more=len(shown) > MOST_SHOWN,
    )


@router.get(ONE)
async def service(visit: Visiting, service_id: ServiceId, saved: Words = "") -> Response:
    """Show a service of the draft, to be changed."""
    draft = await drafted(visit)
    filled = Filled(values_of(found(draft, service_id)))
    return await _form(
        visit, "steward/service.html", draft, service_id, filled, is_saved=bool(saved)
    )


@router.post(ONE)
async def change(visit: Visiting, form: Sent, service_id: ServiceId) -> Response:
    """Change a service in the draft."""
    values = typed(form)
    request = pb.ChangeServiceRequest(service_id=service_id, service=service_of(values))
    method = visit.session.clients.catalog.ChangeService
    refused = await _send(visit, form, method, request)
    if refused is None:
        return visit.go(f"/steward/services/{values['id']}?saved=yes")
    return await _again(visit, "steward/service.html", service_id, form, refused)


@router.get(f"{ONE}/split")
async def part(visit: Visiting, service_id: ServiceId) -> Response:
    """Ask what the new service is to be; it begins as the one that is split."""
    draft = await drafted(visit)
    filled = Filled(values_of(found(draft, service_id)) | {"id": ""})
    return await _form(visit, "steward/split.html", draft, service_id, filled)


@router.post(f"{ONE}/split")
async def split(visit: Visiting, form: Sent, service_id: ServiceId) -> Response:
    """Make a service of its own of a part of another."""
    values = typed(form)
    request = pb.SplitServiceRequest(service_id=service_id, part=service_of(values))
    refused = await _send(visit, form, visit.session.clients.catalog.SplitService, request)
    if refused is None:
        return visit.go(f"/steward/services/{values['id']}?saved=yes")
    return await _again(visit, "steward/split.html", service_id, form, refused)


@router.get(f"{ONE}/merge")
async def successor(visit: Visiting, service_id: ServiceId) -> Response:
    """Ask which service the id is to lead to."""
    draft = await drafted(visit)
    found(draft, service_id)
    filled = Filled({"successor_id": ""})
    return await _form(visit, "steward/merge.html", draft, service_id, filled)


@router.post(f"{ONE}/merge")
async def merge(visit: Visiting, form: Sent, service_id: ServiceId) -> Response:
    """End a service in favour of another."""
    chosen = form.text("successor_id")
    request = pb.MergeServicesRequest(service_id=service_id, successor_id=chosen)
    refused = await _send(visit, form, visit.session.clients.catalog.MergeServices, request)
    if refused is None:
        return visit.go(f"/steward/services/{chosen}?saved=yes")
    return await _again(visit, "steward/merge.html", service_id, form, refused)


async def _send(
    visit: Visit, form: Form, method: Callable[..., Any], request: Any
) -> Exception | None:
    """Have a change made; return why it was not, where the person can do something about it."""
    if form.chosen("show"):  # the same form in another language
        return VersionConflictError()
    request.expected_version = form.number("version")
    request.request_id = form.chosen("key")
    try:
        await visit.call(method, request)
    except (*LATE, InvalidError) as error:
        return error
    return None


async def _again(
    visit: Visit, template: str, service_id: str, form: Form, refused: Exception
) -> Response:
    """Show the form again, with all that was typed in it."""
    draft = await drafted(visit)
    present = values_of(found(draft, service_id))
    values = typed(form) | {"successor_id": form.text("successor_id")}
    if isinstance(refused, LATE):
        return await _form(
            visit, template, draft, service_id, Filled(values, None, present), status=409
        )
    fault = Fault.of(getattr(refused, "reason", ""), getattr(refused, "field", ""))
    return await _form(visit, template, draft, service_id, Filled(values, fault), status=400)


async def _form(
    visit: Visit,
    template: str,
    draft: pb.Draft,
    service_id: str,
    filled: Filled,
    *,
    status: int = 200,
    is_saved: bool = False,
) -> Response:
    """Show a form, named for one sending and as of the draft that is seen."""
    key = secrets.token_hex(16)
    again: Mapping[str, str] | None = None
    if status != 200:
        again = {**filled.values, "version": str(draft.version), "key": key, "show": "yes"}
    return visit.page(
        template,
        status,
        again=again,
        draft=draft,
        service=found(draft, service_id),
        filled=filled,
        key=key,
        is_saved=is_saved,
        known=await visit.pages.register.current(visit.session),
        **choices(draft.catalogue),
    )


def _is_called(service: pb.Service, wanted: list[str]) -> bool:
    """Tell whether a title has all the words; such a service comes first."""
    title = service.title
    return any(
        all(word in said.casefold() for word in wanted) for said in (title.kk, title.ru, title.en)
    )


def _speaks_of(service: pb.Service, wanted: list[str]) -> bool:
    texts = (service.title, service.keywords, service.description)
    said = " ".join(word for text in texts for word in (text.kk, text.ru, text.en)).casefold()
    return all(word in said or word in service.id for word in wanted)
