"""Whether texts, and the model's answers, are other than they were."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.pages.analyst import charts
from gateway.pages.analyst.frame import ROOT, Table, page, spreadsheet
from gateway.pages.analyst.names import names_for
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import DAYS, Asked
from gateway.pages.analyst.words import MEASURES
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visit, Visiting
from qyzmet.audit.v1 import audit_pb2 as pb

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)

FILTERS = (*DAYS, "language")


@router.get("/drift")
async def drift_page(visit: Visiting, wanted: Asked) -> Response:
    """Tell what changed."""
    question = wanted.ask(pb.GetDriftRequest, *FILTERS)
    names, told = await asyncio.gather(
        names_for(visit), visit.call(visit.session.clients.audit.GetDrift, question)
    )
    tables = {"measures": Table(told, "rows", "/v1/drift", wanted.told(*FILTERS))}
    if given := spreadsheet(visit, wanted, tables):
        return given
    return page(
        visit,
        wanted,
        "analyst/drift.html",
        told,
        names=names,
        filters=("language",),
        tables=tables,
        drift=told,
        measures={one: visit.words(name) for one, name in MEASURES.items()},
        alarm_count=sum(row.is_alarm for row in told.rows),
        changed=_changed(visit, told.rows),
    )


def _changed(visit: Visit, rows: Sequence[Any]) -> Markup:
    tell, title = Tell.of(visit), visit.words("How much changed (stability index)")
    drawn = [
        charts.Row(
            visit.words(MEASURES.get(row.measure, row.measure)),
            row.stability_index,
            told=tell.fine(row.stability_index),
            is_small=row.is_small,
            is_marked=row.is_alarm,
        )
        for row in rows
        if row.case_count and row.reference_case_count
    ]
    return charts.bars("changed", title, drawn)
