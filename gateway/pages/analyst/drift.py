"""Whether texts, and the model's answers, are other than they were; and what is new in them."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import Response

from gateway.pages.analyst import charts
from gateway.pages.analyst.frame import ROOT, Table, page, spreadsheet, telling_days
from gateway.pages.analyst.names import names_for
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import DAYS, Asked, Wanted, address
from gateway.pages.analyst.words import MEASURES
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visit, Visiting
from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2
from services.chassis.errors import DeadlineError, UnavailableError

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)

FILTERS = (*DAYS, "language")
MOST_TOPIC_DAYS = 92
SHOWN_WORDS = 4
Look = Annotated[str, Query(max_length=3)]


@router.get("/drift")
@telling_days
async def drift_page(visit: Visiting, wanted: Asked, topics: Look = "") -> Response:
    """Tell what changed; topics only where they are looked for, since each look is recorded."""
    question = wanted.ask(pb.GetDriftRequest, *FILTERS)
    names, told = await asyncio.gather(
        names_for(visit), visit.call(visit.session.clients.audit.GetDrift, question)
    )
    tables = {"measures": Table(told, "rows", "/v1/drift", wanted.told(*FILTERS))}
    if wanted.table == "topics" or (topics and not wanted.table):
        try:
            tables["topics"] = await _topics(visit, wanted, told)
        except (UnavailableError, DeadlineError):
            if wanted.table:
                raise
    found: Any = tables["topics"].message if "topics" in tables else None
    kept = {"start_date": told.start_date, "end_date": told.end_date, **wanted.told("language")}
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
        topics=found,
        is_looking=bool(topics),
        look=address(visit.request.url.path, kept, topics="yes"),
        largest=_largest(visit, found.topics if found else ()),
    )


async def _topics(visit: Visit, wanted: Wanted, told: Any) -> Table:
    """Ask what triaged cases of the same days are about; of very many days, of the last."""
    first, last = date.fromisoformat(told.start_date), date.fromisoformat(told.end_date)
    first = max(first, last - timedelta(MOST_TOPIC_DAYS - 1))
    days = {"start_date": first.isoformat(), "end_date": last.isoformat()}
    question = wanted.ask(cases_pb2.ListTriagedTopicsRequest, "language", **days)
    found = await visit.call(visit.session.clients.cases.ListTriagedTopics, question)
    asked = {**days, **wanted.told("language")}
    return Table(found, "topics", "/v1/drift/topics", asked)


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


def _largest(visit: Visit, topics: Sequence[Any]) -> Markup:
    tell, title = Tell.of(visit), visit.words("What requests left to a person are about")
    drawn = [
        charts.Row(
            ", ".join(topic.words[:SHOWN_WORDS]),
            topic.case_count,
            told=tell.number(topic.case_count),
            is_small=topic.is_small,
        )
        for topic in topics
        if topic.case_count and topic.words
    ]
    return charts.bars("topics", title, drawn)
