"""Whether a language or a region is served worse than all others."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.pages.analyst import charts
from gateway.pages.analyst.frame import ROOT, Table, chosen, page, spreadsheet, telling_days
from gateway.pages.analyst.names import Names, names_for
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import DAYS, Asked
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visit, Visiting
from gateway.pages.words import N_
from qyzmet.audit.v1 import audit_pb2 as pb

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)

GROUPS = ("language", "region")
GAPS = {
    "accuracy": N_("Accuracy, in points beside all others"),
    "abstention": N_("Left to people, in points beside all others"),
    "misrouted": N_("Sent to a wrong office, in points beside all others"),
    "waiting": N_("Mean wait for the first answer, in hours beside all others"),
}


@router.get("/fairness")
@telling_days
async def fairness_page(visit: Visiting, wanted: Asked) -> Response:
    """Hold each group against all others."""
    group = chosen(wanted, GROUPS)
    question = wanted.ask(pb.GetFairnessRequest, *DAYS, group_by=group)
    names, told = await asyncio.gather(
        names_for(visit), visit.call(visit.session.clients.audit.GetFairness, question)
    )
    asked = wanted.told(*DAYS) | {"group_by": group}
    tables = {"groups": Table(told, "rows", "/v1/fairness", asked)}
    if given := spreadsheet(visit, wanted, tables):
        return given
    drawn = [
        (visit.words(title), _gaps(visit, names, told.rows, group, name))
        for name, title in GAPS.items()
    ]
    return page(
        visit,
        wanted,
        "analyst/fairness.html",
        told,
        names=names,
        groups=GROUPS,
        group=group,
        tables=tables,
        rows=told.rows,
        gaps=[(title, chart) for title, chart in drawn if chart],
    )


def _gaps(visit: Visit, names: Names, rows: Sequence[Any], group: str, name: str) -> Markup:
    tell, told = Tell.of(visit), []
    say, tick = (tell.hours, tell.hours) if name == "waiting" else (tell.points, tell.point_tick)
    for row in rows:
        figure, gap = getattr(row, name), getattr(row, f"{name}_gap")
        if figure.case_count if name == "waiting" else figure.of:
            told.append(
                charts.Row(
                    names.of(group, row.key),
                    gap.value,
                    gap.low,
                    gap.high,
                    say(gap.value),
                    is_small=figure.is_small,
                    is_marked=gap.is_clear,
                )
            )
    return charts.dots(f"gap-{name}", visit.words(GAPS[name]), told, tell=tick, zero=True)
