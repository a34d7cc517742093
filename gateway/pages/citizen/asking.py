"""One box: "Tell us in your own words"; the services that may be meant; and sending it."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.http.fields import MAX_TEXT
from gateway.pages.citizen.choosing import PERSON, Choice, in_words
from gateway.pages.citizen.why import Why, why
from gateway.pages.languages import PREFIX
from gateway.pages.navigation import first
from gateway.pages.register import Known
from gateway.pages.visit import Form, Sent, Visit, Visiting
from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2
from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.routing.v1 import routing_pb2
from services.chassis import codec
from services.chassis.errors import RETRYABLE, InvalidError

router = APIRouter(prefix=PREFIX, include_in_schema=False)

EMPTY = N_("Write in a few words what you need.")
FEWEST_LETTERS = 12
"""Of a text for which services are looked for while somebody types; a press looks for any."""
DANGER_PATIENCE_SECONDS = 1.0
"""How long whoever is in danger waits for what is known to others; whom to call is known here."""
TOO_LONG = N_("This is longer than 4,000 characters. Say it in fewer words.")


WRONG_CONTACT = N_(
    "Messages cannot go there. Write one e-mail address or one phone number, or leave it empty."
)
LANGUAGE = catalog_pb2.DESCRIPTOR.enum_types_by_name["Language"]


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into the form of the first page, and what they chose there."""

    text: str = ""
    contact: str = ""
    region: str = ""
    service: str = ""

    @classmethod
    def of(cls, form: Form) -> "Typed":
        """Read it from a form that was sent."""
        contact, service = form.text("contact"), form.chosen("service")
        return cls(form.text("text"), contact, form.chosen("region"), service)


NOTHING = Typed()


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a text."""

    suggestion: routing_pb2.SuggestResponse | None = None
    """None where the search is away: the text can be sent all the same."""
    emergency: Any = None
    """Whom to call, told by whoever answers."""
    is_begun: bool = False
    """Whether the text is too short to look for services."""
    register: Known = field(default_factory=Known)
    why: Why | None = None
    chosen: str = ""
    """The service they chose before something was found wanting; it stays the first."""

    @property
    def services(self) -> list[Any]:
        """Return the services of the register that may be meant, best first."""
        told = self.suggestion.suggestions if self.suggestion else ()
        known = self.register.services
        names = dict.fromkeys((self.chosen, *(one.service_id for one in told)))
        return [known[name] for name in names if name in known]

    @property
    def is_out_of_scope(self) -> bool:
        """Tell whether no public service seems to be for it; what was chosen is not doubted."""
        return self._outcome == cases_pb2.OUTCOME_OUT_OF_SCOPE and not self.chosen

    @property
    def is_unsure(self) -> bool:
        """Tell whether a person would decide, since no service is likely enough to ask about."""
        return self._outcome == cases_pb2.OUTCOME_TRIAGE and not self.chosen

    @property
    def _outcome(self) -> int:
        return self.suggestion.outcome if self.suggestion else cases_pb2.OUTCOME_UNSPECIFIED

    @property
    def asks_region(self) -> bool:
        """Tell whether a service is of an office in the citizen's region."""
        return any(self.register.is_regional(service) for service in self.services)


@router.get("/")
async def home(visit: Visiting) -> Response:
    """Ask what somebody needs; who works here is led to their work."""
    begin = first(visit.session.principal)
    return _page(visit) if begin == "/" else visit.go(begin)


@router.post("/")
async def search(visit: Visiting, form: Sent) -> Response:
    """Show what was found for a text, below the box that holds it."""
    typed = Typed.of(form)
    if wrong := _wrong(typed.text):
        return _page(visit, typed, wrong=wrong, status=422)
    return _page(visit, typed, await _find(visit, typed.text, explain=True))


@router.post("/suggestions")
async def suggestions(visit: Visiting, form: Sent) -> Response:
    """Give what was found as a part of the page, while somebody types."""
    typed = Typed.of(form)
    if _wrong(typed.text):
        return visit.fragment("citizen/found.html", found=None)
    found = await _find_while_typing(visit, typed.text, explain=form.chosen("why") == "1")
    part = _parts(visit, found)
    return visit.fragment("citizen/found.html", found=found, part=part, chosen_region=typed.region)


@router.post("/send")
async def send(visit: Visiting, form: Sent) -> Response:
    """Send a text as a request: to the service that was chosen, or to a person."""
    typed = Typed.of(form)
    if wrong := _wrong(typed.text):
        return _page(visit, typed, wrong=wrong, status=422)
    choice = Choice(typed.service, typed.region)
    try:
        case = await _submit(visit, form.chosen("key"), typed, choice)
    except InvalidError as error:
        if error.field != "contact":
            raise
        found = replace(await _find(visit, typed.text, explain=True), chosen=typed.service)
        return _page(visit, typed, found, wrong_contact=WRONG_CONTACT, status=422)
    danger = f"&danger={case.emergency.code}" if case.HasField("emergency") else ""
    return visit.go(f"/cases/{case.id}/receipt?sent=1{danger}")


async def _submit(visit: Visit, key: str, typed: Typed, choice: Choice) -> Any:
    wish = await in_words(visit, choice)
    # Pressing twice makes one request; other words or another choice, after going back, another.
    said = "\0".join((typed.text, choice.region, wish, typed.contact))
    request = cases_pb2.SubmitCaseRequest(
        request_id=f"{key[:64]}:{hashlib.sha256(said.encode()).hexdigest()[:32]}",
        text=typed.text,
        contact=typed.contact,
        language=_language(visit, typed),  # type: ignore[arg-type]  # the number of the enum's value
        region=choice.region,
        wish=wish,
        ask_person=choice.wants_person,
        service_id=choice.service_id,
    )
    return (await visit.call(visit.session.clients.cases.SubmitCase, request)).case


def _language(visit: Visit, typed: Typed) -> int:
    """Return the language for messages, that of the page; what a text is in, the model sees."""
    return codec.number(LANGUAGE, visit.language) if typed.contact else 0


async def _find_while_typing(visit: Visit, text: str, *, explain: bool) -> Found:
    """Find services once there are words enough; somebody in danger may need two."""
    if len(text) < FEWEST_LETTERS:
        return Found(emergency=visit.pages.recognise(text), is_begun=True)
    return await _find(visit, text, explain=explain)


async def _find(visit: Visit, text: str, *, explain: bool) -> Found:
    emergency = visit.pages.recognise(text)
    request = routing_pb2.SuggestRequest(text=text, explain=explain)
    clients = visit.session.clients
    try:
        async with _patience(in_danger=emergency is not None):
            told = await visit.call(clients.routing.Suggest, request)
            emergency = told.emergency if told.HasField("emergency") else emergency
            register = await visit.pages.register.current(visit.session)
    except (*RETRYABLE, TimeoutError):
        return Found(emergency=emergency)
    reason = why(text, told.explanation) if told.HasField("explanation") else None
    return Found(told, emergency, register=register, why=reason)


def _patience(*, in_danger: bool) -> asyncio.Timeout:
    """Bound what comes before whom to call is shown; where nobody is in danger, calls end."""
    return asyncio.timeout(DANGER_PATIENCE_SECONDS if in_danger else None)


def _parts(visit: Visit, found: Found) -> Callable[..., Markup]:
    """Return what gives parts that are the same for all who see this version of the register."""

    def part(template: str, key: str, **values: Any) -> Markup:
        keys = (found.register.version, key)
        kept = visit.pages.renderer.kept
        return kept(visit.language, template, keys, pb=catalog_pb2, **values)

    return part


def _page(
    visit: Visit,
    typed: Typed = NOTHING,
    found: Found | None = None,
    *,
    wrong: str = "",
    wrong_contact: str = "",
    status: int = 200,
) -> Response:
    return visit.page(
        "citizen/home.html",
        status,
        again=_again(typed) if visit.request.method == "POST" else None,
        text=typed.text,
        contact=typed.contact,
        chosen_region=typed.region,
        found=found,
        part=_parts(visit, found) if found else None,
        wrong=visit.words(wrong) if wrong else "",
        wrong_contact=visit.words(wrong_contact) if wrong_contact else "",
        key=secrets.token_hex(16),
        person=PERSON,
        most=MAX_TEXT,
    )


def _again(typed: Typed) -> dict[str, str]:
    """Return what goes along when somebody chooses another language."""
    return {name: value for name, value in asdict(typed).items() if value or name == "text"}


def _wrong(text: str) -> str:
    if not text:
        return EMPTY
    return TOO_LONG if len(text) > MAX_TEXT else ""
