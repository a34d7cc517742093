"""The log of decisions: which there are, each decision in plain words, and its proof."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.http.session import UUID, CaseId
from gateway.pages.analyst.frame import ROOT, Table, page, sections, telling_days
from gateway.pages.analyst.names import names_for
from gateway.pages.analyst.proving import check
from gateway.pages.analyst.sheet import FILTERS, spreadsheet
from gateway.pages.analyst.signing import names_root, signer_of
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import DAYS, Asked, address
from gateway.pages.analyst.words import ACTORS, LANGUAGES, OUTCOMES, STATES
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visit, Visiting
from qyzmet.audit.v1 import audit_pb2
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.errors import InvalidError, NotFoundError

router = APIRouter(prefix=PREFIX + ROOT, include_in_schema=False)

PAGE_SIZE = 25
Number = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")]
Token = Annotated[str, Query(max_length=256, pattern=r"^[!-~]*$")]


@router.get("/decisions")
@telling_days
async def decisions_page(
    visit: Visiting, wanted: Asked, number: Number = "", after: Token = ""
) -> Response:
    """List decisions, newest first, or find the case with a number."""
    number = number.strip()
    days = wanted.told(*DAYS)
    if re.fullmatch(UUID, number):
        return visit.go(address(f"{ROOT}/decisions/{number}", days))
    cases, is_wrong = await _with_number(visit, number.upper()) if number else ((), False)
    if len(cases) == 1:
        return visit.go(address(f"{ROOT}/decisions/{cases[0].id}", days))
    find = visit.session.clients.audit.FindDecisions
    if wanted.table:
        return await spreadsheet(visit, wanted)
    question = wanted.ask(audit_pb2.FindDecisionsRequest, *DAYS, *FILTERS, page_size=PAGE_SIZE)
    question.page_token = after
    names, told = await asyncio.gather(names_for(visit), visit.call(find, question))
    kept = {"start_date": told.start_date, "end_date": told.end_date, **wanted.told(*FILTERS)}
    path, following = visit.request.url.path, told.next_page_token
    asked = wanted.told(*DAYS, *FILTERS)
    return page(
        visit,
        wanted,
        "analyst/decisions.html",
        told,
        names=names,
        filters=FILTERS,
        number=number,
        is_wrong=is_wrong,
        decisions=told.decisions,
        tables={"decisions": Table(told, "decisions", "/v1/decisions", asked)},
        outcomes=_said(visit, OUTCOMES),
        actors=_said(visit, ACTORS),
        languages_of=_said(visit, LANGUAGES),
        first=address(path, kept) if after else "",
        following=address(path, kept, after=following) if following else "",
    )


@router.get("/decisions/{case_id}")
async def decision_page(visit: Visiting, wanted: Asked, case_id: CaseId) -> Response:
    """Explain each decision on a case in plain words, and show that it is in the log."""
    clients = visit.session.clients
    asked = audit_pb2.ListDecisionsRequest(case_id=case_id)
    names, told, reasons, (case, proven) = await asyncio.gather(
        names_for(visit),
        visit.call(clients.audit.ListDecisions, asked),
        visit.call(clients.cases.ListReasons, pb.ListReasonsRequest()),
        _proven(visit, case_id),
    )
    if not told.decisions and case is None:
        raise NotFoundError
    return visit.page(
        "analyst/decision.html",
        sections=sections(visit, wanted.told(*DAYS)),
        tell=Tell.of(visit),
        names=names,
        case_id=case_id,
        case=case,
        decisions=told.decisions,
        reasons={one.code: one.text for one in reasons.reasons},
        states=_said(visit, STATES),
        outcomes=_said(visit, OUTCOMES),
        actors=_said(visit, ACTORS),
        checkpoint=proven.checkpoint if proven and proven.proofs else None,
        waiting_count=proven.waiting_count if proven else 0,
        names_root=bool(proven and names_root(proven.checkpoint)),
        signer=signer_of(proven.checkpoint) if proven else "",
        checked=[check(one, proven.checkpoint) for one in proven.proofs] if proven else [],
    )


async def _with_number(visit: Visit, number: str) -> tuple[Sequence[pb.Case], bool]:
    """Return the case with a number, and whether the number is none that a receipt has."""
    request = pb.ListCasesRequest(page_size=1, number=number)
    try:
        found = await visit.call(visit.session.clients.cases.ListCases, request)
    except InvalidError:
        return (), True
    return found.cases, False


async def _proven(visit: Visit, case_id: str) -> tuple[Any, Any]:
    """Return a case and its proofs; neither where cases knows it no more."""
    clients = visit.session.clients
    try:
        case, proven = await asyncio.gather(
            visit.call(clients.cases.GetCase, pb.GetCaseRequest(case_id=case_id)),
            visit.call(clients.audit.GetCaseProof, audit_pb2.GetCaseProofRequest(case_id=case_id)),
        )
    except NotFoundError:
        return None, None
    return case.case, proven


def _said(visit: Visit, words: Mapping[int, str]) -> dict[int, str]:
    return {code: visit.words(text) for code, text in words.items()}
