"""The pages of signing in and out."""

import hmac
import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from gateway.pages.cookies import SESSION, SIGNING_IN
from gateway.pages.languages import DEFAULT, LANGUAGES, PREFIX
from gateway.pages.signin.providers import Attempt, LocalProvider, SignInError
from gateway.pages.visit import Pages, Sent, Visit, Visiting
from gateway.pages.words import N_
from qyzmet.catalog.v1.catalog_pb2 import LocalizedText
from services.chassis import tokens
from services.chassis.auth import ALGORITHM, Guard
from services.chassis.demo import DEMO_PRINCIPALS
from services.chassis.errors import NotFoundError
from services.chassis.principal import Principal, Role

router = APIRouter(include_in_schema=False)

DONE = "/sign-in/done"
LEFT = "/sign-in/left"
OWN_PAGE = re.compile(rf"/({'|'.join(LANGUAGES)})/[^\\\x00-\x1f]*")
"""Where one may be sent after signing in: to a page of ours, never elsewhere."""
ROLES = {
    Role.CITIZEN: N_("Citizen"),
    Role.PORTAL: N_("Portal"),
    Role.OFFICER: N_("Officer"),
    Role.TRIAGE_OFFICER: N_("Triage officer"),
    Role.ANALYST: N_("Analyst"),
    Role.MODEL_STEWARD: N_("Model steward"),
    Role.CATALOGUE_STEWARD: N_("Catalogue steward"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
ALGORITHMS = (ALGORITHM, "RS256", "EdDSA")

Next = Annotated[str, Query(max_length=2000)]
Short = Annotated[str, Query(max_length=4000)]


@router.get(f"{PREFIX}/sign-in")
async def sign_in_page(visit: Visiting, next: Next = "") -> Response:
    """Tell who is signed in, and how one signs in."""
    principal = visit.session.principal
    return visit.page(
        "signin.html",
        offices=await _named(visit, principal),
        next=_own(next, visit.language),
        role=visit.words(ROLES.get(principal.role, "")),
        is_local=isinstance(visit.pages.provider, LocalProvider),
    )


@router.get(f"{PREFIX}/sign-in/start")
def start(visit: Visiting, next: Next = "") -> Response:
    """Send somebody to the issuer; a thread does it, for the issuer is asked where its page is."""
    provider = visit.pages.provider
    if provider is None:
        raise SignInError
    attempt = Attempt.begin(visit.origin + DONE)
    response = RedirectResponse(provider.address(attempt, visit.language), 303)
    visit.pages.cookies.keep_signing_in(
        response,
        {
            "state": attempt.state,
            "verifier": attempt.verifier,
            "back": attempt.back,
            "next": _own(next, visit.language),
        },
    )
    return response


@router.get(DONE)
def done(request: Request, code: Short = "", state: Short = "") -> Response:
    """Take somebody back from the issuer, and prove the token it gives for its code."""
    pages: Pages = request.app.state.pages
    guard: Guard = request.app.state.guard
    begun = pages.cookies.signing_in(request)
    if begun is None or not code or not hmac.compare_digest(begun["state"], state):
        raise SignInError
    if pages.provider is None:
        raise SignInError
    attempt = Attempt(begun["state"], begun["verifier"], begun["back"])
    token = pages.provider.token(attempt, code)
    guard.identify(f"Bearer {token}")
    response = RedirectResponse(begun["next"], 303)
    pages.cookies.keep_session(response, token, seconds=tokens.seconds_left(token, ALGORITHMS))
    pages.cookies.forget(response, SIGNING_IN)
    return response


@router.post(f"{PREFIX}/sign-out")
def sign_out(visit: Visiting, form: Sent) -> Response:
    """Sign somebody out of these pages, and then at the issuer, as far as it has a place for that.

    By a page that leads on, since browsers hold a form to our own addresses (`form-action`)
    however it is redirected.
    """
    provider = visit.pages.provider
    way_out = provider.way_out(visit.origin + LEFT, visit.language) if provider else ""
    if way_out:
        nobody: dict[str, Any] = {"visit": None, "navigation": (), "path": "/sign-in"}
        response = visit.page("signed_out.html", way_out=way_out, **nobody)
    else:
        response = visit.go("/sign-in")
    visit.pages.cookies.forget(response, SESSION)
    return response


@router.get(LEFT)
async def left(state: Short = "") -> Response:
    """Take somebody back from the issuer who signed out there; it says in which language."""
    return RedirectResponse(f"/{state if state in LANGUAGES else DEFAULT}/sign-in", 303)


def _local(visit: Visiting) -> LocalProvider:
    if not isinstance(visit.pages.provider, LocalProvider):
        raise NotFoundError
    return visit.pages.provider


Local = Annotated[LocalProvider, Depends(_local)]


@router.get(f"{PREFIX}/demo-sign-in")
async def demo_page(
    visit: Visiting, local: Local, state: Short = "", code_challenge: Short = ""
) -> Response:
    """Ask who one wants to be; in development only."""
    people = [
        (name, visit.words(ROLES[principal.role]), await _named(visit, principal))
        for name, principal in DEMO_PRINCIPALS.items()
    ]
    return visit.page("demo_signin.html", people=people, state=state, challenge=code_challenge)


@router.post(f"{PREFIX}/demo-sign-in")
async def demo_choice(visit: Visiting, local: Local, form: Sent) -> Response:
    """Send back whoever was chosen, with a code that stands for them."""
    code = local.code(form.chosen("who"), form.chosen("challenge"))
    address = visit.request.url_for("done").include_query_params(
        code=code, state=form.chosen("state")
    )
    return RedirectResponse(f"{address.path}?{address.query}", 303)


async def _named(visit: Visit, principal: Principal) -> Sequence[LocalizedText]:
    """Return what somebody's offices are called."""
    if not principal.offices:
        return ()
    known = await visit.pages.register.at_hand(visit.session)
    return [known.office(code) for code in sorted(principal.offices)]


def _own(address: str, language: str = DEFAULT) -> str:
    return address if OWN_PAGE.fullmatch(address) else f"/{language}/"
