"""The log of decisions: which cases there are, each decision in plain words, and its proof."""

import asyncio
import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.http.session import UUID, CaseId
from gateway.pages.analyst.frame import ROOT, sections
from gateway.pages.analyst.names import names_for
from gateway.pages.analyst.proving import check, is_signed
from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.wanted import address
from gateway.pages.analyst.words import ACTORS, OUTCOMES, STATES
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
async def decisions_page(visit: Visiting, number: Number = "", after: Token = "") -> Response:
    """List cases, newest first, or find the one with a number."""
    number = number.strip()
    if re.fullmatch(UUID, number):
        return visit.go(f"{ROOT}/decisions/{number}")
    names, (found, is_wrong) = await asyncio.gather(
        names_for(visit), _cases(visit, number.upper(), after)
    )
    if number and len(found.cases) == 1:
        return visit.go(f"{ROOT}/decisions/{found.cases[0].id}")
    following = found.next_page_token
    return visit.page(
        "analyst/decisions.html",
        sections=sections(visit, {}),
        tell=Tell.of(visit),
        names=names,
        number=number,
        is_wrong=is_wrong,
        cases=found.cases,
        states=_said(visit, STATES),
        outcomes=_said(visit, OUTCOMES),
        actors=_said(visit, ACTORS),
        following=address(visit.request.url.path, {}, after=following) if following else "",
    )


@router.get("/decisions/{case_id}")
async def decision_page(visit: Visiting, case_id: CaseId) -> Response:
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
        sections=sections(visit, {}),
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
        is_signed=bool(proven and is_signed(proven.checkpoint)),
        checked=[check(one, proven.checkpoint) for one in proven.proofs] if proven else [],
    )


async def _cases(visit: Visit, number: str, after: str) -> tuple[Any, bool]:
    """Return a page of cases, and whether the number is none that a receipt has."""
    request = pb.ListCasesRequest(page_size=PAGE_SIZE, page_token=after, number=number)
    try:
        return await visit.call(visit.session.clients.cases.ListCases, request), False
    except InvalidError:
        if not number:
            raise
        return pb.ListCasesResponse(), True


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
