"""Routes of programs, and addresses that are not theirs."""

import pytest
from fastapi import FastAPI
from starlette.routing import Match

from gateway.http.factory import ROUTERS
from gateway.http.health import router as health
from gateway.http.routers import ROOT, ApiRouter


@pytest.mark.parametrize("router", [one for one in ROUTERS if one is not health])
def test_every_route_of_programs_is_where_programs_ask(router: ApiRouter) -> None:
    """One that begins elsewhere would never be found."""
    assert isinstance(router, ApiRouter)
    assert all(route.path.startswith(ROOT) for route in router.routes)


@pytest.mark.parametrize(("path", "match"), [("/ru/", Match.NONE), ("/v1/any", Match.FULL)])
def test_a_page_is_not_held_against_routes_of_programs(path: str, match: Match) -> None:
    """Not even where one of them would take any address."""
    router, app = ApiRouter(), FastAPI()
    router.add_api_route("/{anything:path}", lambda: None)
    app.include_router(router)

    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    assert app.routes[-1].matches(scope)[0] is match
