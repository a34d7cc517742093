"""The life of models: the live one, a candidate beside it, and who let which go live."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import Response

from gateway.pages.analyst import charts
from gateway.pages.analyst.frame import ROOT, page, spreadsheet, telling_days
from gateway.pages.analyst.model_tables import tables_of, waiting_of
from gateway.pages.analyst.names import names_for
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import DAYS, Asked, Wanted
from gateway.pages.analyst.words import (
    GATE_FAILURES,
    GATE_FAULTS,
    LANGUAGE_NAMES,
    PROMOTED,
    PROPOSAL_KINDS,
    PROPOSAL_STATES,
)
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visit, Visiting
from gateway.pages.words import N_
from qyzmet.audit.v1 import audit_pb2
from qyzmet.classifier.v1 import classifier_pb2 as pb
from services.chassis.codec import from_timestamp
from services.chassis.principal import Role
from services.chassis.workdays import day_at

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)

ALL = N_("All languages")
OUT_OF_SCOPE = N_("No public service")
DONE = {
    "propose": N_("Proposed. The gate tries it now; then another person approves or refuses it."),
    "approve": N_("Approved. The model answers within seconds."),
    "refuse": N_("Refused. The live model stays."),
    "shadow": N_("It looks on within seconds, and decides nothing."),
    "unshadow": N_("It looks on no more. What it saw stays to be compared."),
}
OF_SHADOW = ("shadow", "unshadow")
"""What is told beside the candidate; the rest, beside the proposals."""
SHORT = 8
"""So many digits of a model's id are enough for the commands."""


@router.get("/model")
@telling_days
async def model_page(
    visit: Visiting, wanted: Asked, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Describe the models in use, and let another be proposed and answered."""
    if wanted.table:
        return await _sheet(visit, wanted)
    return await shown(visit, wanted, done=done)


async def _sheet(visit: Visit, wanted: Wanted) -> Response:
    """Return a table of the page as CSV."""
    told, quality = await _asked(visit, wanted)
    tables = tables_of(told, _history(told, quality))
    return spreadsheet(visit, wanted, tables) or await shown(visit, wanted)


async def _asked(visit: Visit, wanted: Wanted) -> tuple[Any, Any]:
    """Return the models, and how they did in the days that are wanted."""
    clients = visit.session.clients
    by_model = wanted.ask(audit_pb2.GetQualityRequest, *DAYS, group_by="model")
    return await asyncio.gather(
        visit.call(clients.classifier.GetModels, pb.GetModelsRequest()),
        visit.call(clients.audit.GetQuality, by_model),
    )


def _history(told: Any, days: Any) -> Sequence[Any]:
    """Return which models were live in these days: also the one that was as they began."""
    had: list[Any] = []
    for one in told.history:  # the newest first
        day = day_at(from_timestamp(one.time)).isoformat()
        if day <= days.end_date:
            had.append(one)
        if day < days.start_date:
            break
    return had


async def shown(
    visit: Visit,
    wanted: Wanted,
    status: int = 200,
    *,
    tried: Any = None,
    done: str = "",
) -> Response:
    """Show the models as they are now; what somebody tried in vain stands where they tried it."""
    names, (told, quality) = await asyncio.gather(names_for(visit), _asked(visit, wanted))
    candidate = told.candidate if told.HasField("candidate") else None
    languages = {name: visit.words(words) for name, words in LANGUAGE_NAMES.items()}
    languages["all"] = visit.words(ALL)
    return page(
        visit,
        wanted,
        "analyst/model.html",
        quality,
        status=status,
        at=f"{ROOT}/model" if tried else "",
        again=tried.fields if tried else None,
        names=names,
        models=told,
        history=_history(told, quality),
        live=told.live,
        candidate=candidate,
        short=_named(told)[:SHORT],
        rows=_beside("held_out", told.live, candidate),
        thresholds=_beside("thresholds", told.live, candidate),
        language_names=languages,
        labels={"out-of-scope": visit.words(OUT_OF_SCOPE)},
        promoted={why: visit.words(words) for why, words in PROMOTED.items()},
        field={row.key: row for row in quality.rows},
        chart=_chart(visit, told.live, candidate, languages),
        tried=tried,
        done=visit.words(DONE[done]) if done in DONE else "",
        of_shadow=(tried.verb if tried else done) in OF_SHADOW,
        **_proposals(visit, told),
    )


def _named(told: Any) -> str:
    """Return the model that the commands name: one that is not live, where there is one."""
    if told.HasField("candidate"):
        return str(told.candidate.model)
    return str((told.stored[0] if told.stored else told.live).model)


def _proposals(visit: Visit, told: Any) -> dict[str, Any]:
    """Return what the part about proposals needs: the open one, and what this person may do."""
    principal = visit.session.principal
    waiting = waiting_of(told)
    return {
        "waiting": waiting,
        "is_own": waiting is not None and waiting.proposed.subject == principal.subject,
        "may_propose": principal.role is Role.MODEL_STEWARD,
        "may_answer": principal.role in (Role.MODEL_STEWARD, Role.ADMINISTRATOR),
        "is_passed": waiting is not None
        and (waiting.kind == pb.PROPOSAL_KIND_ROLLBACK or waiting.trial.is_passed),
        "all_held_out": {
            one.model: figures
            for one in told.stored
            for figures in one.held_out
            if figures.language == "all"
        },
        "kinds": {kind: visit.words(words) for kind, words in PROPOSAL_KINDS.items()},
        "states": {state: visit.words(words) for state, words in PROPOSAL_STATES.items()},
        "faults": {kind: visit.words(words) for kind, words in GATE_FAULTS.items()},
        "failures": {why: visit.words(words) for why, words in GATE_FAILURES.items()},
        "pb": pb,
        "keys": {verb: secrets.token_hex(16) for verb in DONE},
    }


def _beside(part: str, live: Any, candidate: Any) -> list[tuple[str, Any, Any]]:
    """Return a part of both cards by language; nothing beside it where the other tells nothing."""
    other = {one.language: one for one in getattr(candidate, part)} if candidate else {}
    return [(one.language, one, other.get(one.language)) for one in getattr(live, part)]


def _chart(visit: Visit, live: Any, candidate: Any, languages: dict[str, str]) -> Markup:
    tell, title = Tell.of(visit), visit.words("Right at first, of examples that were held out")
    rows: list[charts.Row] = []
    for language, one, other in _beside("held_out", live, candidate):
        rows.append(_row(tell, languages.get(language, language), one.top1))
        if other is not None:
            name = visit.words("%(language)s, the candidate") % {
                "language": languages.get(language, language)
            }
            rows.append(_row(tell, name, other.top1, is_other=True))
    return charts.bars("held-out", title, rows)


def _row(tell: Tell, name: str, value: float, *, is_other: bool = False) -> charts.Row:
    # The candidate is drawn hollow: it is not heard.
    return charts.Row(name, value, told=tell.percent(value), is_small=is_other)
