"""Refusals as pages: what happened and what to do next, in the language of the page.

Whoever refuses a request tells a problem (RFC 9457), as they do to programs; on its way to a
browser it becomes a page, or a way to the page of signing in.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.session import UUID
from gateway.pages.again import TEXT, Again, Body, again
from gateway.pages.held import Held
from gateway.pages.languages import LANGUAGES, preferred
from gateway.pages.render import answer
from gateway.pages.retelling import frame, told_before
from gateway.pages.visit import Pages, asked_for
from gateway.pages.words import N_
from services.chassis.emergency import Emergency

PAGES = re.compile(rf"/(?:({'|'.join(LANGUAGES)})(?:/.*)?|sign-in/.*|assets/.*)?")
CASE = re.compile(rf"/(?:{'|'.join(LANGUAGES)})/cases/{UUID[1:-1]}")
"""The part of an address that leads back to a request."""
ASKING = re.compile(rf"/(?:{'|'.join(LANGUAGES)})/(?:send)?")
"""Where somebody says in their own words what they need."""
KEPT_HEADERS = ("retry-after", "allow", "connection", "traceparent")

Words = tuple[str, str]
"""What happened, and what to do next."""

BY_CODE: Mapping[str, Words] = {
    "FORM_EXPIRED": (
        N_("This form is too old"),
        N_("Nothing was sent. Go back, reload the page and send it again."),
    ),
    "SIGN_IN": (
        N_("You are not signed in"),
        N_("Signing in did not come to its end. Begin again from the page of signing in."),
    ),
    "TOKEN_CLAIMS": (
        N_("We do not know what you may do here"),
        N_("You signed in, but without a role. Ask whoever runs this system to give you one."),
    ),
    "CASE_NOT_FOUND": (
        N_("We do not find this request"),
        N_("Check the address. If the request is yours, sign in as you did when you sent it."),
    ),
    "VERSION_CONFLICT": (
        N_("The request changed while you were looking at it"),
        N_("Nothing was lost. Open it again, look at what is new, and decide then."),
    ),
    "MODEL_UNAVAILABLE": (
        N_("The search for services is away for a moment"),
        N_("You can send your request all the same: a person will read it and find the service."),
    ),
}
BY_STATUS: Mapping[int, Words] = {
    400: (N_("We could not read what you sent"), N_("Go back and check what you typed.")),
    401: (N_("You are not signed in"), N_("Sign in, and come back to this page.")),
    403: (
        N_("This page is for somebody else"),
        N_("You are signed in with another role. Sign out and sign in as whom the page is for."),
    ),
    404: (
        N_("There is nothing at this address"),
        N_("Check the address, or begin at the first page."),
    ),
    405: (
        N_("There is nothing at this address"),
        N_("Check the address, or begin at the first page."),
    ),
    408: (
        N_("What you sent did not arrive in time"),
        N_("The line is slow, and nothing was sent. Send it again, if you can where it is better."),
    ),
    409: (
        N_("This is not possible now"),
        N_("The request has moved on. Open it again to see what you can do."),
    ),
    413: (N_("This is too long"), N_("Go back and say it in fewer words.")),
    422: (
        N_("This was sent before with other words"),
        N_("Go back, reload the page and send it again."),
    ),
    429: (N_("Too much is asked at once"), N_("Wait a moment and try again.")),
    503: (
        N_("A part of the system is away for a moment"),
        N_("What you sent before is safe. Try again in a minute."),
    ),
    504: (
        N_("This took too long"),
        N_("What you sent before is safe. Try again in a minute."),
    ),
}
PASSING = (429, 500, 503, 504)
"""What is over by itself after a moment."""
OTHERWISE: Words = (
    N_("Something is broken on our side"),
    N_("We have been told of it. What you sent before is safe. Try again in a minute."),
)

SEND_AGAIN = N_("Nothing was sent. Look at what you typed, and send it again.")
SHORTER = N_("Nothing was sent. Say it below in fewer words, and send it again.")
SIGN_IN_FIRST = N_("Nothing was sent. Sign in on another page, and send it again from this one.")
CUT_OFF = N_("Nothing was sent. What came of it stands below: copy it, and send it anew.")
COPY = N_(
    "Nothing was sent. What you typed stands below: copy it, look at what is new, and decide then."
)


class Told:
    """Turns the problems of pages into pages."""

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what it is about is decided inside."""
        if scope["type"] != "http" or not PAGES.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        held, body = Held(send), Body(receive)
        problem = told_before(scope)
        if problem is None:
            await self._app(scope, body.receive, held.send)
            problem = held.problem
        if problem is not None:
            if scope["method"] == "POST":
                await body.rest()
            await self._tell(Request(scope), problem, held, body)(scope, receive, send)

    def _tell(
        self, request: Request, problem: Mapping[str, Any], held: Held, body: Body
    ) -> Response:
        refused = again(self._pages, request, body, problem)
        language = language_of(request)
        if problem["status"] == 401 and _may_return(request):
            wanted = urlencode({"next": asked_for(request)})
            return RedirectResponse(f"/{language}/sign-in?{wanted}", 303)
        html = self._html(language, problem, request, refused, self._emergency(request, body))
        response = answer(request, html, problem["status"])
        for name, value in held.head or ():
            if name.decode("latin-1") in KEPT_HEADERS:
                response.headers[name.decode("latin-1")] = value.decode("latin-1")
        if refused:
            refused.keep(self._pages, request, response)
        return response

    def _html(
        self,
        language: str,
        problem: Mapping[str, Any],
        request: Request,
        refused: Again | None,
        emergency: Emergency | None,
    ) -> str:
        happened, next_step = (
            BY_CODE.get(problem["code"]) or BY_STATUS.get(problem["status"]) or OTHERWISE
        )
        if refused:
            next_step = _next_step(problem, refused) or next_step
        renderer = self._pages.renderer
        case = CASE.match(request.url.path)
        return renderer.render(
            language,
            "error.html",
            {
                "happened": renderer.words(language, happened),
                "next_step": renderer.words(language, next_step),
                "status": problem["status"],
                "signs_in_first": _signs_in_first(problem),
                "hidden": self._hidden(request, problem),
                "back": case.group() if case and problem["status"] != 404 else "",
                "retry": asked_for(request) if _may_retry(request, problem["status"]) else "",
                "refused": refused,
                "emergency": emergency,
                **frame(self._pages, request, problem, *_carried(refused)),
            },
        )

    def _hidden(self, request: Request, problem: Mapping[str, Any]) -> str:
        """Return the address of a case that may be there once somebody signs in; else empty."""
        is_signed_in = self._pages.cookies.session(request) is not None
        if is_signed_in or problem["code"] != "CASE_NOT_FOUND" or not _may_return(request):
            return ""
        return asked_for(request)

    def _emergency(self, request: Request, body: Body) -> Emergency | None:
        """Return whom somebody must call first whose words could not be taken."""
        if not ASKING.fullmatch(request.url.path):
            return None
        return self._pages.recognise(body.fields().get(TEXT, ""))


def _carried(refused: Again | None) -> tuple[Mapping[str, str], Markup]:
    """Return what goes along to another language, and the mark of the form that brings it."""
    return (refused.fields, refused.mark) if refused else ({}, Markup())


def _next_step(problem: Mapping[str, Any], refused: Again) -> str:
    """Return what to do next where the page gives back what was sent."""
    if not refused.is_whole:
        return CUT_OFF
    if not refused.can_be_sent:
        return COPY
    if _signs_in_first(problem):
        return SIGN_IN_FIRST
    if problem["status"] == 413:
        return SHORTER
    return SEND_AGAIN if problem["status"] in (400, 403, 422) else ""


def _signs_in_first(problem: Mapping[str, Any]) -> bool:
    """Tell whether nothing helps but signing in; a form that is too old may be sent again."""
    return problem["status"] in (401, 403) and problem["code"] != "FORM_EXPIRED"


def _may_retry(request: Request, status: int) -> bool:
    """Tell whether asking the same again may help, and does nothing twice."""
    return status in PASSING and request.method == "GET"


def _may_return(request: Request) -> bool:
    """Tell whether somebody who signs in first can come back to what they asked for."""
    found = PAGES.fullmatch(request.url.path)
    asked_anew = request.url.path.endswith("/sign-in/start")
    return request.method == "GET" and bool(found and found.group(1)) and not asked_anew


def language_of(request: Request) -> str:
    """Return the language of a page by its address, or that the browser asks for."""
    found = PAGES.fullmatch(request.url.path)
    named = found.group(1) if found else None
    return named or preferred(request.headers.get("accept-language", ""))
