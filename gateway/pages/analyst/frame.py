"""What every page of an analyst has: its sections, its days, its tables to download."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from google.protobuf.message import Message
from starlette.responses import Response

from gateway.http import csv
from gateway.http.problems import NoSuchPathError
from gateway.pages.analyst.cells import cells_of
from gateway.pages.analyst.names import Names
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import DAYS, MOST_DAYS, Wanted, address, spans
from gateway.pages.analyst.words import GROUPS
from gateway.pages.visit import Visit
from gateway.pages.words import N_
from services.chassis.errors import InvalidError
from services.chassis.principal import Role
from services.chassis.workdays import day_at

Look = Callable[..., Awaitable[Response]]
"""What answers with a page."""

ANALYSTS = frozenset({Role.ANALYST, Role.ADMINISTRATOR})
STEWARDS = ANALYSTS | {Role.MODEL_STEWARD}
ROOT = "/analyst"
NAMES = {"start_date": N_("First day"), "end_date": N_("Last day")}
NO_DAY = "NO_SUCH_DAY"
"""The code of what was typed in the place of a day."""

SECTIONS = (
    ("/coverage", N_("Online coverage"), ANALYSTS),
    ("/quality", N_("Quality of routing"), STEWARDS),
    ("/drift", N_("Drift"), STEWARDS),
    ("/fairness", N_("Fairness"), ANALYSTS),
    ("/times", N_("Clocks of agencies"), ANALYSTS),
    ("/programmes", N_("Programmes of the AI plan"), ANALYSTS),
    ("/model", N_("Models"), STEWARDS),
    ("/decisions", N_("Log of decisions"), ANALYSTS),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page that can be downloaded."""

    message: Message
    rows: str
    route: str
    """The REST route that answers the same to programs."""
    asked: Mapping[str, str]
    each: str = ""
    """The list within a row of which each part is a row."""


def spreadsheet(visit: Visit, wanted: Wanted, tables: Mapping[str, Table]) -> Response | None:
    """Return the table that was asked for as CSV; None where a page was."""
    if wanted.table is None:
        return None
    if wanted.table not in tables:
        raise NoSuchPathError
    table = tables[wanted.table]
    text = csv.MARK + csv.table(table.message, table.rows, each=table.each)
    return Response(text, media_type=csv.MEDIA_TYPE, headers=sheet_headers(visit, wanted))


def sheet_headers(visit: Visit, wanted: Wanted) -> dict[str, str]:
    """Return what names a table that is downloaded."""
    name = f"qyzmet-{visit.path.rpartition('/')[2]}-{wanted.table}.csv"
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def page(
    visit: Visit,
    wanted: Wanted,
    template: str,
    days: Any,
    *,
    names: Names,
    filters: Sequence[str] = (),
    groups: Sequence[str] = (),
    status: int = 200,
    at: str = "",
    again: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """Answer with a page of an analyst; `days` is the answer that tells the days of all.

    `at` is where the page is, where a form was sent to another address; `again` are its fields.
    """
    place = f"/{visit.language}{at or visit.path}"
    kept = {"start_date": days.start_date, "end_date": days.end_date}
    told = {**kept, **wanted.told(*filters, *(["group_by"] if groups else []))}
    return visit.page(
        template,
        status,
        tell=Tell.of(visit),
        cells=cells_of(visit),
        names=names,
        sections=sections(visit, kept),
        days=kept,
        told=told,
        spans=[
            (count, start == days.start_date, address(place, told, start_date=start, end_date=end))
            for count, start, end in spans(days.end_date)
        ],
        filters=[(name, _kind(name), wanted.told(name).get(name, "")) for name in filters],
        filter_names={one: visit.words(name) for one, name in GROUPS.items()},
        groups=[(one, visit.words(GROUPS[one])) for one in groups],
        wrong_days=(),
        hidden={},
        download=lambda table: address(place, told, table=table),
        rest=lambda table: address(table.route, table.asked, format="csv"),
        again=again,
        path=visit.path if again is not None else at or visit.path,
        query=urlencode(kept) if at else visit.request.url.query,
        **values,
    )


def telling_days(look: Look) -> Look:
    """Let a page tell which days it takes, where those that were asked for are none or refused."""

    @wraps(look)
    async def told(visit: Visit, wanted: Wanted, **more: Any) -> Response:
        if wanted.no_days:
            return _other_days(visit, wanted)
        try:
            return await look(visit, wanted, **more)
        except InvalidError as error:
            if error.field != "start_date":
                raise
        return _other_days(visit, wanted)

    return told


def _other_days(visit: Visit, wanted: Wanted) -> Response:
    """Answer with the form as it was sent, and what days it takes."""
    days = dict.fromkeys(DAYS, "") | wanted.told(*DAYS)
    kept = wanted.told(*(one for one in Wanted.model_fields if one not in (*DAYS, "table")))
    last = wanted.end_date if isinstance(wanted.end_date, date) else day_at(visit.pages.now())
    there = sections(visit, {})
    return visit.page(
        "analyst/days.html",
        400,
        title=next(name for _, name, is_here in there if is_here),
        most_days=MOST_DAYS,
        sections=there,
        days=days,
        spans=[
            (count, False, address(visit.request.url.path, kept, start_date=start, end_date=end))
            for count, start, end in spans(last.isoformat())
        ],
        filters=(),
        groups=(),
        wrong_days=tuple(wanted.no_days) or DAYS,
        no_days=[(visit.words(NAMES[name]), typed) for name, typed in wanted.no_days.items()],
        code=NO_DAY,
        hidden=kept,
    )


def sections(visit: Visit, kept: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Return the sections somebody may see: address, name, and whether it is this one."""
    role = visit.session.principal.role
    return [
        (
            address(f"/{visit.language}{ROOT}{path}", kept),
            visit.words(name),
            visit.path.startswith(ROOT + path),
        )
        for path, name, roles in SECTIONS
        if role in roles
    ]


def chosen(wanted: Wanted, groups: Sequence[str]) -> str:
    """Return the group that is asked for, or the first."""
    return next((one for one in groups if one == wanted.group_by), groups[0])


def in_order(rows: Sequence[Any], group: str) -> list[Any]:
    """Return rows as they are shown: days one after the other, anything else as it was told."""
    return sorted(rows, key=lambda row: row.key) if group == "day" else list(rows)


def _kind(name: str) -> str:
    return name.removesuffix("_id").replace("_", "-")
