"""How another model goes live by the page of models, and how one looks on before."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.pages.analyst.frame import ROOT
from gateway.pages.analyst.model import shown
from gateway.pages.analyst.wanted import DAYS, Asked, Wanted, address
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Form, Sent, Visit, Visiting
from gateway.pages.words import N_
from qyzmet.classifier.v1 import classifier_pb2 as pb
from services.chassis.errors import ConflictError, ServiceError
from services.chassis.problems import telling

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)

MAX_REASON = 500
ROLLBACK = "rollback"
"""What is chosen in place of a stored model to go back to the one before."""
KEY = re.compile(r"[0-9a-f]{32}")
REASON = "refused"
"""The field by which another language tells why it was refused, so that nothing is tried anew."""

MENDED: Mapping[str, str] = {
    "REASON": N_("Say why first, in at most 500 characters."),
    "MODEL": N_("Choose a model first."),
}
"""What is wrong with a form before any service hears of it."""
DAMAGED = N_("This model cannot be served: a file in its folder is not as it was sealed.")
REFUSED: Mapping[str, str] = {
    "SAME_PERSON": N_("You proposed this model, so another person must approve it."),
    "VERSION_CONFLICT": N_(
        "Somebody did something while you were looking. Nothing was done: look again, and decide."
    ),
    "PROPOSAL_OPEN": N_("Another proposal waits for an answer. Answer that one first."),
    "PROPOSAL_SETTLED": N_("Somebody answered this proposal already."),
    "PROPOSAL_NOT_FOUND": N_("There is no such proposal."),
    "LIVE_CHANGED": N_("Another model went live meanwhile. Propose anew what should replace it."),
    "NOT_TRIED": N_("The gate has not answered yet. Try again in a minute."),
    "GATE": N_("The gate refuses this model, so nobody can approve it."),
    "MODEL_PINNED": N_("A setting names the model that answers, so no other can go live."),
    "ALREADY_LIVE": N_("This model is live already."),
    "NOT_BEFORE": N_("Another model was live before this one. Look again."),
    "NOT_FOUND": N_("This model is not stored any more."),
    "UNKNOWN_LABEL": N_("This model names services that the register does not have."),
    "FORMAT_UNKNOWN": N_("This model was made for another version of this product."),
} | dict.fromkeys(
    ("NOT_READABLE", "TOO_LARGE", "HASH_MISMATCH", "SHAPE_MISMATCH", "NOT_FINITE"), DAMAGED
)
"""Why a service did not do it, in words."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What somebody tried to do, and why it was not done."""

    verb: str
    trouble: str
    fields: Mapping[str, str] = field(default_factory=dict)


@router.post("/model/propose")
async def propose(visit: Visiting, form: Sent, wanted: Asked) -> Response:
    """Propose the model that was chosen."""
    chosen = form.chosen("model")
    if not chosen:
        return await _mend(visit, form, wanted, "propose", "MODEL")
    kind, model = pb.PROPOSAL_KIND_PROMOTION, chosen
    if chosen == ROLLBACK:
        kind, model = pb.PROPOSAL_KIND_ROLLBACK, form.chosen("before")
    request = pb.ProposeModelRequest(kind=kind, model=model, **_told(form))
    ask = partial(visit.call, visit.session.clients.classifier.ProposeModel, request)
    return await _done(visit, form, wanted, "propose", ask)


@router.post("/model/approve")
async def approve(visit: Visiting, form: Sent, wanted: Asked) -> Response:
    """Let the proposed model go live."""
    request = pb.ApproveModelRequest(proposal_id=form.chosen("proposal"), **_told(form))
    ask = partial(visit.call, visit.session.clients.classifier.ApproveModel, request)
    return await _done(visit, form, wanted, "approve", ask)


@router.post("/model/refuse")
async def refuse(visit: Visiting, form: Sent, wanted: Asked) -> Response:
    """Refuse the proposed model, or take it back."""
    request = pb.RefuseModelRequest(proposal_id=form.chosen("proposal"), **_told(form))
    ask = partial(visit.call, visit.session.clients.classifier.RefuseModel, request)
    return await _done(visit, form, wanted, "refuse", ask)


@router.post("/model/shadow")
async def shadow(visit: Visiting, form: Sent, wanted: Asked) -> Response:
    """Let the chosen model look on."""
    if not form.chosen("model"):
        return await _mend(visit, form, wanted, "shadow", "MODEL")
    return await _set_shadow(visit, form, wanted, "shadow", form.chosen("model"))


@router.post("/model/unshadow")
async def unshadow(visit: Visiting, form: Sent, wanted: Asked) -> Response:
    """Let no model look on any more."""
    return await _set_shadow(visit, form, wanted, "unshadow", "")


async def _set_shadow(visit: Visit, form: Form, wanted: Wanted, verb: str, model: str) -> Response:
    request = pb.SetShadowRequest(model=model, **_told(form))
    ask = partial(visit.call, visit.session.clients.classifier.SetShadow, request)
    return await _done(visit, form, wanted, verb, ask)


async def _done(
    visit: Visit, form: Form, wanted: Wanted, verb: str, ask: Callable[[], Awaitable[Any]]
) -> Response:
    """Do it; where it cannot be done, say why on the page as it is now, with what was typed."""
    if not 0 < len(form.text("reason")) <= MAX_REASON:
        return await _mend(visit, form, wanted, verb, "REASON")
    try:
        if form.chosen(REASON) in REFUSED:
            raise ConflictError(reason=form.chosen(REASON))
        await ask()
    except ServiceError as error:
        if error.reason not in REFUSED:
            raise
        fields = {**form.fields, REASON: error.reason}
        tried = Tried(verb, visit.words(REFUSED[error.reason]), fields)
        return await shown(visit, wanted, telling(error).http, tried=tried)
    return visit.go(address(f"{ROOT}/model", wanted.told(*DAYS), done=verb))


async def _mend(visit: Visit, form: Form, wanted: Wanted, verb: str, wrong: str) -> Response:
    tried = Tried(verb, visit.words(MENDED[wrong]), form.fields)
    return await shown(visit, wanted, 400, tried=tried)


def _told(form: Form) -> dict[str, Any]:
    key = form.chosen("key")
    return {
        "reason": form.text("reason"),
        "expected_version": form.number("version"),
        "request_id": key if KEY.fullmatch(key) else secrets.token_hex(16),
    }
