"""The life of models: the live one, a candidate beside it, and who let which go live."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.pages.analyst import charts
from gateway.pages.analyst.frame import ROOT, sections
from gateway.pages.analyst.names import names_for
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.words import LANGUAGE_NAMES, PROMOTED
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visit, Visiting
from gateway.pages.words import N_
from qyzmet.audit.v1 import audit_pb2
from qyzmet.classifier.v1 import classifier_pb2 as pb

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)

ALL = N_("All languages")
OUT_OF_SCOPE = N_("No public service")
SHORT = 8
"""So many digits of a model's id are enough for the commands."""


@router.get("/model")
async def model_page(visit: Visiting) -> Response:
    """Describe the models in use, and tell how another goes live."""
    clients = visit.session.clients
    by_model = audit_pb2.GetQualityRequest(group_by=audit_pb2.DIMENSION_MODEL)
    names, told, quality = await asyncio.gather(
        names_for(visit),
        visit.call(clients.classifier.GetModels, pb.GetModelsRequest()),
        visit.call(clients.audit.GetQuality, by_model),
    )
    candidate = told.candidate if told.HasField("candidate") else None
    languages = {name: visit.words(words) for name, words in LANGUAGE_NAMES.items()}
    languages["all"] = visit.words(ALL)
    labels = {"out-of-scope": visit.words(OUT_OF_SCOPE)}
    return visit.page(
        "analyst/model.html",
        sections=sections(visit, {}),
        tell=Tell.of(visit),
        names=names,
        live=told.live,
        candidate=candidate,
        short=(candidate.model if candidate else told.live.model)[:SHORT],
        rows=_beside(told.live, candidate),
        thresholds=_thresholds(told.live, candidate),
        language_names=languages,
        labels=labels,
        shadow=told.shadow,
        differences=told.differences,
        dropped_count=told.dropped_count,
        history=told.history,
        promoted={why: visit.words(words) for why, words in PROMOTED.items()},
        field={row.key: row for row in quality.rows},
        chart=_chart(visit, told.live, candidate, languages),
    )


def _beside(live: Any, candidate: Any) -> list[tuple[str, Any, Any]]:
    """Return what both did on held-out examples, by language; nothing where one tells nothing."""
    other = {one.language: one for one in candidate.held_out} if candidate else {}
    return [(one.language, one, other.get(one.language)) for one in live.held_out]


def _thresholds(live: Any, candidate: Any) -> list[tuple[str, Any, Any]]:
    other = {one.language: one for one in candidate.thresholds} if candidate else {}
    return [(one.language, one, other.get(one.language)) for one in live.thresholds]


def _chart(visit: Visit, live: Any, candidate: Any, languages: dict[str, str]) -> Markup:
    tell, title = Tell.of(visit), visit.words("Right at first, of examples that were held out")
    rows: list[charts.Row] = []
    for language, one, other in _beside(live, candidate):
        rows.append(_row(tell, languages.get(language, language), one.top1))
        if other is not None:
            name = visit.words("%(language)s, the candidate") % {
                "language": languages.get(language, language)
            }
            rows.append(_row(tell, name, other.top1, is_other=True))
    return charts.bars("held-out", title, told_in_words(rows), rows)


def _row(tell: Tell, name: str, value: float, *, is_other: bool = False) -> charts.Row:
    # The candidate is drawn hollow: it is not heard.
    return charts.Row(name, value, told=tell.percent(value), is_small=is_other)


def told_in_words(rows: Sequence[charts.Row]) -> str:
    """Return what rows tell, for whoever does not see them."""
    return "; ".join(f"{row.name}: {row.told}" for row in rows)
