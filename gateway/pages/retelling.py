"""A refusal told anew in another language, with what it gives back; nothing is sent by that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.types import Scope

from gateway.pages.languages import LANGUAGES
from gateway.pages.visit import Pages

TOLD = "told"
"""Stands in the address that a page of a refusal sends its form to for another language."""
NAMED = re.compile(r"([45]\d\d)\.([A-Z_]{1,64})")
LANGUAGE = re.compile(rf"/(?:{'|'.join(LANGUAGES)})(?=/)")
HEAD = "/"
"""Where to go in another language from what has no page of its own."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who looks at a page, as far as their browser says."""

    is_signed_in: bool


def told_before(scope: Scope) -> Mapping[str, Any] | None:
    """Return the problem that was told already, and is only to be told in another language."""
    if scope["method"] != "POST":
        return None
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    found = NAMED.fullmatch(query.get(TOLD, ""))
    return {"status": int(found[1]), "code": found[2]} if found else None


def first_asked_for(request: Request) -> str:
    """Return the address that a form was sent to before it was told in another language."""
    return f"{request.url.path}?{_query(request)}".rstrip("?")


def frame(
    pages: Pages,
    request: Request,
    problem: Mapping[str, Any],
    fields: Mapping[str, str],
    mark: Markup,
) -> Mapping[str, Any]:
    """Return what the frame of a refusal shows, where nobody looks who is there.

    What is given back goes along where another language is chosen.
    """
    begun = LANGUAGE.match(request.url.path)
    path = request.url.path[begun.end() :] if begun else HEAD
    query = _query(request) if begun else ""
    if fields:
        named = urlencode({TOLD: f"{problem['status']}.{problem['code']}"})
        path, query = f"{path}?{'&'.join(filter(None, (query, named)))}", ""
    elif request.method == "POST":
        path, query = HEAD, ""
    is_known = problem["status"] != 401 and pages.cookies.session(request) is not None
    return {
        "visit": Somebody(is_signed_in=is_known),
        "navigation": (),
        "path": path,
        "query": query,
        "again": fields or None,
        "form_mark": lambda: mark,
    }


def _query(request: Request) -> str:
    told = parse_qsl(request.url.query, keep_blank_values=True)
    if not any(name == TOLD for name, _ in told):
        return request.url.query
    return urlencode([(name, value) for name, value in told if name != TOLD])
