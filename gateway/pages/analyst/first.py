"""The first page of an analyst leads on to what somebody may see."""

from fastapi import APIRouter
from starlette.responses import Response

from gateway.pages.analyst.frame import ROOT
from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visiting
from services.chassis.principal import Role

router = APIRouter(prefix=PREFIX, include_in_schema=False)


@router.get(ROOT)
async def first_page(visit: Visiting) -> Response:
    """Send somebody to the coverage, or to the quality who only looks after the model."""
    steward = visit.session.principal.role == Role.MODEL_STEWARD
    return visit.go(ROOT + ("/quality" if steward else "/coverage"))
