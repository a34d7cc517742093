"""The first address, files, and every address at which there is nothing."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.http.problems import NoSuchPathError
from gateway.pages.languages import PREFIX, preferred
from gateway.pages.visit import Pages

router = APIRouter(include_in_schema=False)
nowhere = APIRouter(include_in_schema=False)
"""Comes last: what no other page answers."""

FOR_EVER = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}


@router.get("/")
async def first(request: Request) -> Response:
    """Send somebody to the pages in the language of their browser."""
    language = preferred(request.headers.get("accept-language", ""))
    return RedirectResponse(f"/{language}/", 302, headers={"Vary": "Accept-Language"})


@router.get("/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """Serve a style or a script; what it holds never changes under its name."""
    pages: Pages = request.app.state.pages
    found = pages.assets.find(name)
    if found is None:
        raise NoSuchPathError
    headers: dict[str, Any] = dict(FOR_EVER)
    content = found.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"], content = "gzip", found.compressed
    return Response(content, headers=headers, media_type=found.kind)


@nowhere.get(PREFIX)
async def bare(language: str) -> Response:
    """Send somebody to the first page of a language."""
    return RedirectResponse(f"/{language}/", 303)


@nowhere.get(f"{PREFIX}/{{rest:path}}")
async def nothing(language: str, rest: str) -> Response:
    """Tell that there is nothing."""
    raise NoSuchPathError
