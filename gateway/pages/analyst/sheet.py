"""All decisions that are listed as one table to download, however many pages they fill."""

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from gateway.http import csv
from gateway.http.problems import NoSuchPathError
from gateway.pages.analyst.frame import sheet_headers
from gateway.pages.analyst.wanted import DAYS, Wanted
from gateway.pages.visit import Visit
from qyzmet.audit.v1 import audit_pb2 as pb

FILTERS = ("service_id", "outcome", "language", "model")
AT_ONCE = 1000
"""So many rows are asked for at a time: a table of any length takes the memory of a page."""


async def spreadsheet(visit: Visit, wanted: Wanted) -> Response:
    """Return what is listed as CSV; what is refused is refused before the first row."""
    if wanted.table != "decisions":
        raise NoSuchPathError
    question = wanted.ask(pb.FindDecisionsRequest, *DAYS, *FILTERS, page_size=AT_ONCE)
    first = await visit.call(visit.session.clients.audit.FindDecisions, question)
    # The days of the first page are those of all: midnight may pass meanwhile.
    question.start_date, question.end_date = first.start_date, first.end_date
    rows = _rows(visit, question, first)
    return StreamingResponse(rows, media_type=csv.MEDIA_TYPE, headers=sheet_headers(visit, wanted))


async def _rows(
    visit: Visit, question: pb.FindDecisionsRequest, told: pb.FindDecisionsResponse
) -> AsyncIterator[str]:
    yield csv.MARK + csv.table(told, "decisions")
    while told.next_page_token:
        question.page_token = told.next_page_token
        told = await visit.call(visit.session.clients.audit.FindDecisions, question)
        yield csv.table(told, "decisions", has_head=False)
