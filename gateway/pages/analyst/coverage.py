"""How much is online: by count and by demand, day by day, when all is, and what to do next."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.pages.analyst import charts
from gateway.pages.analyst.frame import ROOT, Table, chosen, page, spreadsheet, telling_days
from gateway.pages.analyst.names import Names, names_for
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import DEMAND, Asked, Wanted
from gateway.pages.analyst.words import BASES, FORECAST_REASONS
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visit, Visiting
from qyzmet.audit.v1 import audit_pb2 as pb

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)

FILTERS = ("language", "agency", "life_event", "region")
GROUPS = ("agency", "life-event", "language", "region")
SHOWN_SERVICES = 25
SHOWN_BARS = 10
SHOWN_GROUPS = 6
MAX_POINTS = 45
"""More days than these are told by week, so that a chart is not noise."""
WEEK = 7

Drawn = tuple[Any, Sequence[Any]]
"""The total of a group, and its points."""


@router.get("/coverage")
@telling_days
async def coverage_page(visit: Visiting, wanted: Asked) -> Response:
    """Tell how much is online."""
    group = chosen(wanted, GROUPS)
    # Where a table is wanted, it is all that is asked for.
    alone = {
        name: await ask(visit, wanted, group)
        for name, ask in TABLES.items()
        if name == wanted.table
    }
    if given := spreadsheet(visit, wanted, alone):
        return given
    names, now, *asked = await asyncio.gather(
        names_for(visit),
        visit.call(visit.session.clients.audit.GetCoverage, pb.GetCoverageRequest()),
        *(ask(visit, wanted, group) for ask in QUESTIONS.values()),
    )
    tables: dict[str, Table] = dict(zip(QUESTIONS, asked, strict=True))
    tables["points"] = _points_of(tables["groups"])
    series, groups, offline, forecast = (table.message for table in asked)
    largest = _largest(groups)
    return page(
        visit,
        wanted,
        "analyst/coverage.html",
        series,
        names=names,
        filters=FILTERS,
        groups=GROUPS,
        group=group,
        tables=tables,
        now=now,
        series=series.points,
        total=series.totals[0] if series.totals else None,
        trend=_trend(visit, series.points),
        offline=offline,
        demanded=_demanded(visit, names, offline),
        grouped=groups,
        multiples=_multiples(visit, names, largest, group),
        largest=[names.of(group, total.key) for total, _ in largest],
        drawn=_by_day(largest),
        is_by_week=_is_long(wanted),
        is_filtered=bool(wanted.told(*FILTERS)),
        forecast=forecast,
        bases={one: visit.words(name) for one, name in BASES.items()},
        reasons={one: visit.words(name) for one, name in FORECAST_REASONS.items()},
        way=_way(visit, forecast),
    )


async def _series(visit: Visit, wanted: Wanted, group: str) -> Table:
    question = wanted.ask(pb.GetCoverageSeriesRequest, *DEMAND)
    told = await visit.call(visit.session.clients.audit.GetCoverageSeries, question)
    return Table(told, "points", "/v1/coverage/series", wanted.told(*DEMAND))


async def _groups(visit: Visit, wanted: Wanted, group: str) -> Table:
    more = {"group_by": group, "interval": "week" if _is_long(wanted) else "day"}
    question = wanted.ask(pb.GetCoverageSeriesRequest, *DEMAND, **more)
    told = await visit.call(visit.session.clients.audit.GetCoverageSeries, question)
    return Table(told, "totals", "/v1/coverage/series", wanted.told(*DEMAND) | more)


async def _points(visit: Visit, wanted: Wanted, group: str) -> Table:
    return _points_of(await _groups(visit, wanted, group))


def _points_of(groups: Table) -> Table:
    """Return what is drawn of groups, as it was told beside their totals."""
    return replace(groups, rows="points")


def _is_long(wanted: Wanted) -> bool:
    """Tell whether charts of groups tell weeks: nobody sees a year of days of every group."""
    return wanted.span is None or wanted.span >= MAX_POINTS


async def _offline(visit: Visit, wanted: Wanted, group: str) -> Table:
    question = wanted.ask(pb.ListOfflineServicesRequest, *DEMAND, page_size=SHOWN_SERVICES)
    told = await visit.call(visit.session.clients.audit.ListOfflineServices, question)
    return Table(told, "services", "/v1/coverage/offline", wanted.told(*DEMAND))


async def _forecast(visit: Visit, wanted: Wanted, group: str) -> Table:
    last = wanted.told("end_date").get("end_date")
    back = {"as_of_date": last} if last else {}
    question = wanted.ask(pb.GetCoverageForecastRequest, "start_date", **back)
    told = await visit.call(visit.session.clients.audit.GetCoverageForecast, question)
    return Table(told, "points", "/v1/coverage/forecast", wanted.told("start_date") | back)


QUESTIONS: Mapping[str, Callable[[Visit, Wanted, str], Awaitable[Table]]] = {
    "series": _series,
    "groups": _groups,
    "offline": _offline,
    "forecast": _forecast,
}
"""What the page asks."""
TABLES = {**QUESTIONS, "points": _points}
"""What is asked for each of its tables where that alone is wanted."""


def _trend(visit: Visit, points: Sequence[Any]) -> Markup:
    tell, title = Tell.of(visit), visit.words("Share of requests by online services")
    told = by_span(points)
    if not told:
        return Markup()
    words = visit.words("From %(first)s on %(first_day)s to %(last)s on %(last_day)s.") % {
        "first": tell.percent(told[0].value),
        "first_day": tell.day(told[0].day.isoformat()),
        "last": tell.percent(told[-1].value),
        "last_day": tell.day(told[-1].day.isoformat()),
    }
    drawn = [charts.Series(title, told)]
    return charts.lines("trend", title, words, drawn, tell=tell.tick, tell_day=tell.short_day)


def by_span(points: Sequence[Any]) -> list[charts.Point]:
    """Return the share of each day, or of each week where there are many days."""
    days = {point.day for point in points}
    width = WEEK if len(days) > MAX_POINTS else 1
    begins = {day: _begin(date.fromisoformat(day), width) for day in days}
    sums: dict[date, list[int]] = {}
    for point in points:
        held = sums.setdefault(begins[point.day], [0, 0])
        held[0] += point.case_count
        held[1] += point.online_case_count
    return [charts.Point(day, online / of) for day, (of, online) in sorted(sums.items()) if of]


def _begin(day: date, width: int) -> date:
    return day - timedelta(day.weekday()) if width == WEEK else day


def _demanded(visit: Visit, names: Names, offline: Any) -> Markup:
    tell, title = Tell.of(visit), visit.words("Asked for the most, and not online")
    asked = [one for one in offline.services if one.case_count][:SHOWN_BARS]
    rows = [
        charts.Row(names.service(one.service_id), one.case_count, told=tell.number(one.case_count))
        for one in asked
    ]
    return charts.bars("demanded", title, rows)


def _largest(grouped: Any) -> Sequence[Drawn]:
    """Return the totals of the largest groups, each with its points."""
    largest = sorted(grouped.totals, key=lambda total: -total.case_count)[:SHOWN_GROUPS]
    held: dict[str, list[Any]] = {one.key: [] for one in largest}
    for point in grouped.points:  # very many: of each group on each day
        if (points := held.get(point.key)) is not None:
            points.append(point)
    return [(one, held[one.key]) for one in largest]


def _by_day(largest: Sequence[Drawn]) -> Sequence[tuple[str, Sequence[Any]]]:
    """Return the points that are drawn by their days, with a place for each group."""
    days: dict[str, list[Any]] = {}
    for at, (_, points) in enumerate(largest):
        for point in points:
            days.setdefault(point.day, [None] * len(largest))[at] = point
    return sorted(days.items())


def _multiples(visit: Visit, names: Names, largest: Sequence[Drawn], group: str) -> Sequence[Any]:
    """Return a small chart of each of the largest groups, all with the same ticks."""
    tell = Tell.of(visit)
    lines = [charts.Series("", by_span(points)) for _, points in largest]
    marks = charts.share_marks(lines)
    drawn = []
    for at, ((total, _), line) in enumerate(zip(largest, lines, strict=True)):
        name = names.of(group, total.key)
        chart = charts.lines(
            f"group-{at}",
            name,
            _words_of(visit, tell, total),
            [line],
            tell=tell.tick,
            tell_day=tell.short_day,
            marks=marks,
            height=120.0,
        )
        if chart:
            drawn.append((name, chart))
    return drawn


def _words_of(visit: Visit, tell: Tell, total: Any) -> str:
    return visit.words("%(share)s of %(count)s requests by online services.") % {
        "share": tell.percent(total.online_case_share),
        "count": tell.number(total.case_count),
    }


def _way(visit: Visit, forecast: Any) -> Markup:
    tell, title = Tell.of(visit), visit.words("The way to all services online")
    series = []
    for basis, name in BASES.items():
        points = [
            charts.Point(date.fromisoformat(one.day), one.share, one.low, one.high)
            for one in forecast.points
            if one.basis == basis
        ]
        if points:
            series.append(charts.Series(visit.words(name), points))
    words = " ".join(_told(visit, tell, one) for one in forecast.forecasts)
    return charts.lines("way", title, words, series, tell=tell.tick, tell_day=tell.short_day)


def _told(visit: Visit, tell: Tell, one: Any) -> str:
    name = visit.words(BASES.get(one.basis, one.basis))
    if one.reason_code:
        return f"{name}: {visit.words(FORECAST_REASONS.get(one.reason_code, one.reason_code))}"
    told: Mapping[str, str] = {
        "name": name,
        "share": tell.percent(one.share),
        "day": tell.day(one.reach_date),
        "early": tell.day(one.earliest_reach_date),
        "late": tell.day(one.latest_reach_date),
    }
    return (
        visit.words("%(name)s: %(share)s today, all on %(day)s (from %(early)s to %(late)s).")
        % told
    )
