"""The queue of an office: what is due first, with filters that live in the address."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.responses import Response

from gateway.pages.languages import PREFIX
from gateway.pages.officer import clock
from gateway.pages.officer.alarms import rang
from gateway.pages.officer.story import STATES
from gateway.pages.register import Known
from gateway.pages.visit import Visit, Visiting
from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from services.chassis.codec import to_timestamp
from services.chassis.errors import InvalidError
from services.chassis.offices import agency_and_region

router = APIRouter(prefix=PREFIX, include_in_schema=False)

PAGE = 25
NUMBER = re.compile(r"[A-Z]{2}-[0-9]{2}-[0-9]{7,12}-[0-9]")
VIEWS: Mapping[str, str] = {
    "todo": N_("To do"),
    "new": N_("New"),
    "late": N_("Late"),
    "soon": N_("Due soon"),
    "asked": N_("Waits for the citizen"),
    "done": N_("Completed"),
    "all": N_("All"),
}
STATE_OF_VIEW: Mapping[str, pb.State.ValueType] = {
    "new": pb.STATE_ROUTED,
    "asked": pb.STATE_INFORMATION_REQUESTED,
    "done": pb.STATE_COMPLETED,
}
DUE_FIRST = frozenset({"todo", "new", "late", "soon"})
DONE: Mapping[str, str] = {
    "complete": N_("The case is completed. The citizen is told."),
    "return": N_("The case is returned. It goes where it belongs, and the citizen is told."),
}
"""What is said after somebody did something, by its name in the address."""

Short = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see of a queue, as the address says it."""

    view: Short = "todo"
    office: Short = ""
    service: Short = ""
    number: Short = ""
    page: Short = ""
    done: Short = ""
    """What was done just before."""
    about: Short = ""
    """On which case, by its number."""

    @property
    def is_by_number(self) -> bool:
        """Tell whether one case is looked for."""
        return bool(self.number.strip())

    @property
    def number_of_done(self) -> str:
        """Return on which case something was done; empty where the address holds no number."""
        return self.about if NUMBER.fullmatch(self.about) else ""

    def view_among(self, views: Mapping[str, str]) -> str:
        """Return which list is shown; the first where the address names none that there is."""
        return self.view if self.view in views else next(iter(views))

    def query(self, **changed: str) -> Mapping[str, str]:
        """Return the address's query for this, with something changed; without what is usual."""
        values = {"view": self.view, "office": self.office, "service": self.service, **changed}
        return {
            name: value
            for name, value in values.items()
            if value and (name, value) != ("view", "todo")
        }


Asked = Annotated[Wanted, Depends()]


@router.get("/office")
async def queue(visit: Visiting, wanted: Asked) -> Response:
    """Show the cases of somebody's offices; a number that is right leads to its case."""
    known = await visit.pages.register.current(visit.session)
    now = visit.pages.now()
    asked = request_of(
        wanted, visit, now, VIEWS, STATE_OF_VIEW, office=wanted.office, service_id=wanted.service
    )
    cases, more, is_number_wrong = await listed(visit, asked)
    if wanted.is_by_number and len(cases) == 1:
        return visit.go(f"/office/cases/{cases[0].id}?read=1")
    return visit.page(
        "officer/queue.html",
        400 if is_number_wrong else 200,
        wanted=wanted,
        view=wanted.view_among(VIEWS),
        views=VIEWS,
        cases=cases,
        more=more,
        is_number_wrong=is_number_wrong,
        offices=sorted(visit.session.principal.offices),
        services=_services(visit, known),
        rang=await rang(visit, cases),
        done=DONE.get(wanted.done, ""),
        **row_words(visit, known, now),
    )


async def listed(visit: Visit, request: pb.ListCasesRequest) -> tuple[Sequence[pb.Case], str, bool]:
    """Return a page of cases, the token of the next, and whether the number asked for is none."""
    try:
        answer = await visit.call(visit.session.clients.cases.ListCases, request)
    except InvalidError as error:
        if error.field == "page_token":  # of a view that the address no longer names
            request.page_token = ""
            return await listed(visit, request)
        if error.field != "number":
            raise
        return [], "", True
    return answer.cases, answer.next_page_token, False


def row_words(visit: Visit, known: Known, now: datetime) -> Mapping[str, Any]:
    """Return what the rows of a queue, and a case, need to tell where a case stands."""
    regions = {one.code: one.name for one in known.regions}
    return {
        "pb": pb,
        "known": known,
        "state_words": STATES,
        "region_of": lambda code: regions.get(code) or catalog_pb2.LocalizedText(ru=code),
        "clock_of": lambda case: clock.clock_of(case, visit.pages.calendar, now),
    }


def request_of(
    wanted: Wanted,
    visit: Visit,
    now: datetime,
    views: Mapping[str, str],
    states: Mapping[str, pb.State.ValueType],
    **more: str,
) -> pb.ListCasesRequest:
    """Return what to ask for a list; a number is looked for wherever its case stands."""
    if wanted.is_by_number:
        return pb.ListCasesRequest(page_size=PAGE, number=wanted.number)
    view = wanted.view_among(views)
    return pb.ListCasesRequest(
        page_size=PAGE,
        page_token=wanted.page,
        state=states.get(view, pb.STATE_UNSPECIFIED),
        order=pb.CASE_ORDER_DUE if view in DUE_FIRST else pb.CASE_ORDER_NEWEST,
        due_before=_due_before(view, visit, now),
        **more,
    )


def _due_before(view: str, visit: Visit, now: datetime) -> Timestamp | None:
    """Return before which moment is due what a list shows; None where it matters not."""
    if view == "late":
        return to_timestamp(now)
    return to_timestamp(clock.soon(visit.pages.calendar, now)) if view == "soon" else None


def _services(visit: Visit, known: Known) -> Sequence[catalog_pb2.Service]:
    """Return the services of somebody's offices, in the order of their titles."""
    agencies = {agency_and_region(office)[0] for office in visit.session.principal.offices}
    found = [one for one in known.services.values() if one.agency in agencies]
    return sorted(found, key=lambda one: getattr(one.title, visit.language))
