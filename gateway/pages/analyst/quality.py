"""How well the model does: what it routed, what people set right, and how often it was right."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.pages.analyst import charts
from gateway.pages.analyst.frame import (
    ROOT,
    Table,
    chosen,
    in_order,
    page,
    spreadsheet,
    telling_days,
)
from gateway.pages.analyst.names import Names, names_for
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import DAYS, Asked
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visit, Visiting
from qyzmet.audit.v1 import audit_pb2 as pb

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)

GROUPS = ("language", "model", "service", "region", "day")
SHOWN = 12
MAX_ROWS = 200


@router.get("/quality")
@telling_days
async def quality_page(visit: Visiting, wanted: Asked) -> Response:
    """Tell how well the model does."""
    group = chosen(wanted, GROUPS)
    question = wanted.ask(pb.GetQualityRequest, *DAYS, group_by=group)
    names, told = await asyncio.gather(
        names_for(visit), visit.call(visit.session.clients.audit.GetQuality, question)
    )
    asked = wanted.told(*DAYS) | {"group_by": group}
    tables = {
        "groups": Table(told, "rows", "/v1/quality", asked),
        "calibration": Table(told, "reliability", "/v1/quality", asked),
    }
    if given := spreadsheet(visit, wanted, tables):
        return given
    return page(
        visit,
        wanted,
        "analyst/quality.html",
        told,
        names=names,
        groups=GROUPS,
        group=group,
        tables=tables,
        told_all=told.total,
        calibration_error=told.calibration_error,
        bins=[one for one in told.reliability if not one.key and one.accuracy.of],
        rows=in_order(told.rows, group)[:MAX_ROWS],
        row_count=len(told.rows),
        accuracy=_accuracy(visit, names, told.rows, group),
        calibration=_calibration(visit, told),
    )


def _accuracy(visit: Visit, names: Names, rows: Sequence[Any], group: str) -> Markup:
    tell, title = Tell.of(visit), visit.words("Accuracy, of what was judged")
    judged = [row for row in in_order(rows, group) if row.accuracy.of][:SHOWN]
    drawn = [
        charts.Row(
            names.of(group, row.key),
            row.accuracy.value,
            row.accuracy.low,
            row.accuracy.high,
            tell.percent(row.accuracy.value),
            is_small=row.accuracy.is_small,
        )
        for row in judged
    ]
    return charts.dots("accuracy", title, drawn, tell=tell.tick)


def _calibration(visit: Visit, told: Any) -> Markup:
    tell, title = (
        Tell.of(visit),
        visit.words("How certain the model was, and how often it was right"),
    )
    bins = [
        charts.Bin(
            one.mean_score,
            one.accuracy.value,
            one.accuracy.low,
            one.accuracy.high,
            one.accuracy.is_small,
        )
        for one in told.reliability
        if not one.key and one.accuracy.of
    ]
    words = "; ".join(
        visit.words("certain to %(certain)s: right in %(right)s")
        % {"certain": tell.percent(one.certain), "right": tell.percent(one.right)}
        for one in bins
    )
    across, up = visit.words("How certain it was"), visit.words("How often it was right")
    return charts.reliability(
        "calibration", title, words, bins, across=across, up=up, tell=tell.tick
    )
