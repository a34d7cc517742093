"""One box: "Tell us in your own words"."""

from fastapi import APIRouter
from starlette.responses import Response

from gateway.pages.languages import PREFIX
from gateway.pages.visit import Visiting

router = APIRouter(prefix=PREFIX, include_in_schema=False)


@router.get("/")
async def home(visit: Visiting) -> Response:
    """Ask what somebody needs."""
    return visit.page("citizen/home.html")
