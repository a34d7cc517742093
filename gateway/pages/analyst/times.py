"""How long offices take: to the first answer, to the end, and against the term by law."""

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

GROUPS = ("agency", "service", "language", "region", "day")
SHOWN = 12
MAX_ROWS = 200


@router.get("/times")
@telling_days
async def times_page(visit: Visiting, wanted: Asked) -> Response:
    """Tell how long cases take."""
    group = chosen(wanted, GROUPS)
    question = wanted.ask(pb.GetTimesRequest, *DAYS, group_by=group)
    names, told = await asyncio.gather(
        names_for(visit), visit.call(visit.session.clients.audit.GetTimes, question)
    )
    tables = {"groups": Table(told, "rows", "/v1/times", wanted.told(*DAYS) | {"group_by": group})}
    if given := spreadsheet(visit, wanted, tables):
        return given
    rows = in_order(told.rows, group)
    return page(
        visit,
        wanted,
        "analyst/times.html",
        told,
        names=names,
        groups=GROUPS,
        group=group,
        tables=tables,
        told_all=told.total,
        rows=rows[:MAX_ROWS],
        row_count=len(rows),
        late=_late(visit, names, rows, group),
        waiting=_waiting(visit, names, rows, group),
    )


def _late(visit: Visit, names: Names, rows: Sequence[Any], group: str) -> Markup:
    tell, title = Tell.of(visit), visit.words("Share of requests that were late by law")
    drawn = [
        charts.Row(
            names.of(group, row.key),
            row.late.value,
            row.late.low,
            row.late.high,
            tell.percent(row.late.value),
            is_small=row.late.is_small,
        )
        for row in rows[:SHOWN]
        if row.late.of
    ]
    return charts.dots("late", title, drawn, tell=tell.tick)


def _waiting(visit: Visit, names: Names, rows: Sequence[Any], group: str) -> Markup:
    tell, title = Tell.of(visit), visit.words("Mean hours to the first answer")
    drawn = [
        charts.Row(
            names.of(group, row.key),
            row.first_answer.mean,
            row.first_answer.mean_low,
            row.first_answer.mean_high,
            tell.number(row.first_answer.mean),
            is_small=row.first_answer.is_small,
        )
        for row in rows[:SHOWN]
        if row.first_answer.case_count
    ]
    return charts.dots("waiting", title, drawn, tell=tell.number, shares=False)
