"""One visit of somebody to a page: who they are, in which language, and the forms they send."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request
from google.protobuf.message import Message
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from gateway.http.session import Session, admit, route_of
from gateway.pages.assets import Assets
from gateway.pages.cookies import Cookies
from gateway.pages.navigation import entries
from gateway.pages.register import Register
from gateway.pages.render import Renderer, answer
from gateway.pages.signin.providers import Provider
from gateway.pages.watch import Watch
from services.chassis.application import Clock, utc_now
from services.chassis.auth import Guard
from services.chassis.emergency import Recognise, recognise_nothing
from services.chassis.errors import ForbiddenError, InvalidError, UnauthenticatedError
from services.chassis.principal import ANONYMOUS, Role
from services.chassis.workdays import Calendar

MAX_FIELDS = 50
FORM_MARK = "form"
"""The field that shows a form was made by us, for this browser."""
SAFE_SITES = ("", "same-origin", "none")


class FormExpiredError(ForbiddenError):
    """This form was not made for this browser, or too long ago."""

    reason = "FORM_EXPIRED"


@dataclass(frozen=True, slots=True)
class Pages:
    """What every page stands on, made once."""

    assets: Assets
    renderer: Renderer
    cookies: Cookies
    provider: Provider | None
    watch: Watch
    calendar: Calendar
    now: Clock = utc_now
    register: Register = field(default_factory=Register)
    public_url: str = ""
    recognise: Recognise = recognise_nothing
    """Tells who is in danger though every service were away."""
    contact_label: str = ""
    """How the field is called for where citizens are told; empty where they are told nothing."""

    def origin(self, request: Request) -> str:
        """Return where people find our pages: as we were told, or as their browser says."""
        return self.public_url or str(request.base_url).rstrip("/")


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at one of our pages."""

    request: Request
    pages: Pages
    session: Session
    language: str
    browser: str
    session_id: str
    may_ask: bool
    """Whether they may use what is for citizens: signed in, or where nobody need be."""

    async def call(self, method: Callable[..., Any], request: Message) -> Any:
        """Call a service in their name."""
        return await self.session.call(method, request)

    def page(
        self,
        template: str,
        status: int = 200,
        *,
        again: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Response:
        """Answer with a page; `again` are fields that choosing another language sends along."""
        html = self.part(template, again=again, **values)
        response = answer(self.request, html, status)
        know_browser(self.pages, self.request, self.browser, response)
        return response

    def fragment(self, template: str, **values: Any) -> Response:
        """Answer with a part of a page, which a script asked for."""
        return answer(self.request, self.part(template, **values))

    def part(self, template: str, **values: Any) -> str:
        """Return a page, or a part of one, as text."""
        about = {
            "visit": self,
            "path": self.path,
            "query": self.request.url.query,
            "navigation": entries(self.session.principal),
            "again": None,
            "form_mark": self._form_field,
        }
        return self.pages.renderer.render(self.language, template, about | values)

    def go(self, path: str) -> Response:
        """Send them on to another page in their language."""
        return RedirectResponse(f"/{self.language}{path}", 303)

    def words(self, message: str) -> str:
        """Return words of the source in their language."""
        return self.pages.renderer.words(self.language, message)

    @property
    def path(self) -> str:
        """Return the address of this page without its language."""
        return self.request.url.path.removeprefix(f"/{self.language}")

    @property
    def origin(self) -> str:
        """Return where people find our pages."""
        return self.pages.origin(self.request)

    @property
    def is_signed_in(self) -> bool:
        """Tell whether they signed in."""
        return not self.session.principal.is_anonymous

    @property
    def person(self) -> str:
        """Return who this is, where it is one person: a portal brings many, and so does nobody."""
        principal = self.session.principal
        is_one = self.is_signed_in and principal.role is not Role.PORTAL
        return principal.subject if is_one else ""

    def _form_field(self) -> Markup:
        return form_field(self.pages, self._whose)

    def check_form(self, shown: str) -> None:
        """Refuse a form that we did not make for them."""
        if not self.pages.cookies.seals.is_mark(shown, self._whose):
            raise FormExpiredError

    @property
    def _whose(self) -> str:
        return whose(self.browser, self.session_id)


def whose(browser: str, session_id: str) -> str:
    """Return for whom a form is made: a browser, and a session in it."""
    return f"{browser} {session_id}"


def form_field(pages: Pages, of: str) -> Markup:
    """Return what each form carries: the mark that it was made for a browser and session."""
    mark = pages.cookies.seals.mark(of)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FORM_MARK, mark)


def know_browser(pages: Pages, request: Request, browser: str, response: Response) -> None:
    """Have a browser keep the secret that its forms are marked for."""
    if pages.cookies.browser(request) != browser:
        pages.cookies.keep_browser(response, browser)


def asked_for(request: Request) -> str:
    """Return the address that was asked for."""
    return f"{request.url.path}?{request.url.query}".rstrip("?")


async def open_visit(request: Request, language: str) -> Visit:
    """Find out who comes; a page that is open to everybody takes those it does not know too."""
    pages: Pages = request.app.state.pages
    guard: Guard = request.app.state.guard
    kept = pages.cookies.session(request)
    try:
        session = await admit(request, f"Bearer {kept.token}" if kept else "")
    except UnauthenticatedError:
        if not guard.is_open(route_of(request)):
            raise
        session, kept = Session(request.app.state.clients, "", ANONYMOUS), None
    return Visit(
        request=request,
        pages=pages,
        session=session,
        language=language,
        browser=pages.cookies.browser(request) or secrets.token_hex(16),
        session_id=kept.session_id if kept else "",
        may_ask=kept is not None or guard.allows_anonymous,
    )


Visiting = Annotated[Visit, Depends(open_visit)]


@dataclass(frozen=True, slots=True)
class Form:
    """A form that somebody sent, made by us for their browser."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return what was typed, as the lines of a text end; empty where nothing was."""
        return self.fields.get(name, "").replace("\r\n", "\n").replace("\x00", "").strip()

    def chosen(self, name: str) -> str:
        """Return what was chosen; empty where nothing was."""
        return self.fields.get(name, "")

    def number(self, name: str) -> int:
        """Return a whole number; 0 where there is none."""
        value = self.chosen(name)
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


async def open_form(request: Request, visit: Visiting) -> Form:
    """Read a form; one that comes from elsewhere is refused before anybody hears of it."""
    if not _is_from_here(request, visit.pages.public_url):
        raise FormExpiredError
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise InvalidError(f"a form has at most {MAX_FIELDS} fields") from error
    visit.check_form(fields.pop(FORM_MARK, ""))
    return Form(fields)


Sent = Annotated[Form, Depends(open_form)]


def _is_from_here(request: Request, public_url: str) -> bool:
    """Tell whether a browser sent this from one of our pages, by what it says of that itself."""
    if request.headers.get("sec-fetch-site", "") not in SAFE_SITES:
        return False
    origin = request.headers.get("origin", "")
    ours = {request.headers.get("host", ""), urlsplit(public_url).netloc} - {""}
    return origin == "" or urlsplit(origin).netloc in ours


def is_surely_from_here(request: Request, public_url: str) -> bool:
    """Tell whether a browser says that one of our pages sent this; silence is not enough."""
    says = request.headers.get("origin", "") or request.headers.get("sec-fetch-site", "")
    return says not in ("", "none") and _is_from_here(request, public_url)
