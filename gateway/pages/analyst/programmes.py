"""How the programmes of the AI plan do beside the plan."""

import asyncio
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.pages.analyst import charts
from gateway.pages.analyst.frame import ROOT, Table, page, spreadsheet, telling_days
from gateway.pages.analyst.names import names_for
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import DAYS, Asked
from gateway.pages.analyst.words import AUDIENCES
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visit, Visiting
from qyzmet.audit.v1 import audit_pb2 as pb

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)


@router.get("/programmes")
@telling_days
async def programmes_page(visit: Visiting, wanted: Asked) -> Response:
    """Hold requests for the programmes against the plan."""
    question = wanted.ask(pb.GetProgrammesRequest, *DAYS)
    names, told = await asyncio.gather(
        names_for(visit), visit.call(visit.session.clients.audit.GetProgrammes, question)
    )
    tables = {"audiences": Table(told, "rows", "/v1/programmes", wanted.told(*DAYS))}
    if given := spreadsheet(visit, wanted, tables):
        return given
    return page(
        visit,
        wanted,
        "analyst/programmes.html",
        told,
        names=names,
        tables=tables,
        plan=told,
        audiences={one: visit.words(name) for one, name in AUDIENCES.items()},
        chart=_chart(visit, told),
    )


def _chart(visit: Visit, told: Any) -> Markup:
    tell, title = Tell.of(visit), visit.words("Requests by audience")
    drawn = [
        charts.Row(
            visit.words(AUDIENCES.get(row.audience, row.audience)),
            row.request_count,
            told=tell.number(row.request_count),
        )
        for row in told.rows
        if told.total.request_count
    ]
    return charts.bars("audiences", title, drawn)
