"""What makes a draft a catalogue: every rule that is broken, told at once and with its place."""

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from services.catalog.domain.register import (
    LANGUAGES,
    OPTIONAL_TEXTS,
    Catalogue,
    Draft,
    LocalizedText,
)
from services.chassis.errors import InvalidError

MAX_FAULTS = 50
MAX_TITLE_CHARACTERS = 500
MAX_DESCRIPTION_CHARACTERS = 2000
MAX_CONTENT_BYTES = 3_500_000  # the whole catalogue must fit one gRPC answer of 4 MiB

FORMS = {
    "service": re.compile(r"[a-z][a-z0-9-]{0,49}\.[a-z][a-z0-9-]{0,99}"),
    "retired": re.compile(r"[a-z][a-z0-9-]{0,49}\.[a-z][a-z0-9-]{0,99}"),
    "agency": re.compile(r"[A-Z][A-Z0-9]{0,31}"),
    "region": re.compile(r"[A-Za-z0-9]{1,16}"),
    "life-event": re.compile(r"[a-z][a-z0-9-]{0,49}"),
}
FORM_EXAMPLES = {
    "retired": "identity.passport: lower-case letters, digits and dashes around one dot",
    "service": "identity.passport: lower-case letters, digits and dashes around one dot",
    "agency": "MIA: upper-case letters and digits",
    "region": "75: letters and digits",
    "life-event": "birth-child: lower-case letters, digits and dashes",
}
KEY_FIELDS = {
    "retired": "id",
    "service": "id",
    "agency": "code",
    "region": "code",
    "life-event": "slug",
}

ADDRESS = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[A-Za-z0-9._~/?=&%-]{0,400})?")
"""Where people are sent: over TLS, to a name, with nothing to be taken for something else."""

Place = Callable[[str, int, str], str]
"""Tells where a field is: by the kind of its entry, the entry's index in the draft, its name."""


class Code(StrEnum):
    """What kind of fault it is; programs may compare it."""

    MISSING_FILE = "MISSING_FILE"
    UNKNOWN_FILE = "UNKNOWN_FILE"
    WRONG_FILE = "WRONG_FILE"
    EMPTY_FILE = "EMPTY_FILE"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    BAD_UTF8 = "BAD_UTF8"
    BAD_YAML = "BAD_YAML"
    REFUSED_YAML = "REFUSED_YAML"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    BAD_VALUE = "BAD_VALUE"
    BAD_FORMAT = "BAD_FORMAT"
    UNKNOWN_CHANNEL = "UNKNOWN_CHANNEL"
    UNKNOWN_AUDIENCE = "UNKNOWN_AUDIENCE"
    MISSING = "MISSING"
    MISSING_LANGUAGE = "MISSING_LANGUAGE"
    BAD_ID = "BAD_ID"
    DUPLICATE_ID = "DUPLICATE_ID"
    UNKNOWN_AGENCY = "UNKNOWN_AGENCY"
    UNKNOWN_LIFE_EVENT = "UNKNOWN_LIFE_EVENT"
    UNKNOWN_SUCCESSOR = "UNKNOWN_SUCCESSOR"
    BAD_TEXT = "BAD_TEXT"
    BAD_ADDRESS = "BAD_ADDRESS"
    NO_SERVICES = "NO_SERVICES"
    NO_REGIONS = "NO_REGIONS"
    TOO_LARGE = "TOO_LARGE"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a draft, and where."""

    code: Code
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.code}]"


class CatalogueError(InvalidError):
    """The catalogue has faults."""

    reason = "CATALOGUE"

    def __init__(self, faults: Collection[Fault]) -> None:
        self.faults = tuple(islice(faults, MAX_FAULTS))
        count = str(len(faults)) if len(faults) <= MAX_FAULTS else f"more than {MAX_FAULTS}"
        lines = [f"faults in the catalogue: {count}", *(str(fault) for fault in self.faults)]
        super().__init__("\n".join(lines))


def in_words(kind: str, index: int, field: str) -> str:
    """Tell a place where there is no file: `service 3, title.ru`, counted from 1."""
    return f"{kind} {index + 1}, {field}" if field else f"{kind} {index + 1}"


def compose(draft: Draft, place: Place = in_words) -> Catalogue:
    """Make a catalogue of a draft, or raise CatalogueError with every fault in it."""
    if faults := list(islice(check(draft, place), MAX_FAULTS + 1)):
        raise CatalogueError(faults)
    catalogue = Catalogue(
        name=draft.name,
        licence=draft.licence,
        origin=draft.origin,
        agencies=draft.agencies,
        regions=draft.regions,
        life_events=draft.life_events,
        services=draft.services,
        retired=draft.retired,
    )
    if len(catalogue.canonical()) > MAX_CONTENT_BYTES:
        message = f"the whole is larger than {MAX_CONTENT_BYTES} bytes"
        raise CatalogueError([Fault(Code.TOO_LARGE, place("catalogue", 0, ""), message)])
    return catalogue


def check(draft: Draft, place: Place = in_words) -> Iterator[Fault]:
    """Yield every fault of a draft."""
    yield from _check_heading(draft, place)
    yield from _check_keys(draft, place)
    yield from _check_texts(draft, place)
    yield from _check_references(draft, place)
    yield from _check_retired(draft, place)


def suggestion(word: str, known: Collection[str]) -> str:
    """Return `; did you mean X?` where one of the known words is close, else nothing."""
    # Only the beginning is compared: closeness of very long words costs too much.
    close = difflib.get_close_matches(word[:100], known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _check_heading(draft: Draft, place: Place) -> Iterator[Fault]:
    for field in ("name", "licence", "origin"):
        where = place("catalogue", 0, field)
        yield from _check_text(
            getattr(draft, field), Code.MISSING, field, where, MAX_DESCRIPTION_CHARACTERS
        )
    if not draft.services:
        yield Fault(Code.NO_SERVICES, place("catalogue", 0, ""), "there is no service")
    for index, agency in enumerate(draft.agencies):
        if agency.regional and not draft.regions:
            message = f"{agency.code} is regional, but there are no regions"
            yield Fault(Code.NO_REGIONS, place("agency", index, "regional"), message)


def _check_keys(draft: Draft, place: Place) -> Iterator[Fault]:
    for kind, keys in _keys(draft).items():
        field = KEY_FIELDS[kind]
        first: dict[str, int] = {}
        for index, key in enumerate(keys):
            where = place(kind, index, field)
            if not key:
                yield Fault(Code.MISSING, where, f"{field} is missing")
            elif not FORMS[kind].fullmatch(key):
                message = f"{field} {key[:100]!r} is not of the form {FORM_EXAMPLES[kind]}"
                yield Fault(Code.BAD_ID, where, message)
            elif key in first:
                message = f"{field} {key} is taken already at {place(kind, first[key], field)}"
                yield Fault(Code.DUPLICATE_ID, where, message)
            first.setdefault(key, index)


def _keys(draft: Draft) -> dict[str, list[str]]:
    return {
        "agency": [agency.code for agency in draft.agencies],
        "region": [region.code for region in draft.regions],
        "life-event": [event.slug for event in draft.life_events],
        "service": [service.id for service in draft.services],
        "retired": [one.id for one in draft.retired],
    }


def _check_texts(draft: Draft, place: Place) -> Iterator[Fault]:
    names = {
        "agency": [agency.name for agency in draft.agencies],
        "region": [region.name for region in draft.regions],
        "life-event": [event.name for event in draft.life_events],
    }
    for kind, texts in names.items():
        for index, name in enumerate(texts):
            yield from _check_languages(name, kind, index, "name", place)
    for index, service in enumerate(draft.services):
        yield from _check_languages(service.title, "service", index, "title", place)
        for field in OPTIONAL_TEXTS:
            if not (text := getattr(service, field)).is_empty:
                yield from _check_languages(text, "service", index, field, place)
        if service.online_address and not ADDRESS.fullmatch(service.online_address):
            message = "online-address is not of the form https://egov.kz"
            yield Fault(Code.BAD_ADDRESS, place("service", index, "online-address"), message)


def _check_languages(
    text: LocalizedText, kind: str, index: int, field: str, place: Place
) -> Iterator[Fault]:
    limit = MAX_DESCRIPTION_CHARACTERS if field in OPTIONAL_TEXTS else MAX_TITLE_CHARACTERS
    if text.is_empty:
        yield Fault(Code.MISSING, place(kind, index, field), f"{field} is missing")
        return
    for language in LANGUAGES:
        name = f"{field}.{language}"
        where = place(kind, index, name)
        yield from _check_text(getattr(text, language), Code.MISSING_LANGUAGE, name, where, limit)


def _check_text(text: str, missing: Code, name: str, where: str, limit: int) -> Iterator[Fault]:
    if not text:
        yield Fault(missing, where, f"{name} is missing")
    elif len(text) > limit:
        yield Fault(Code.BAD_TEXT, where, f"{name} has more than {limit} characters")
    elif not text.isprintable():
        yield Fault(Code.BAD_TEXT, where, f"{name} has characters that cannot be shown")


def _check_references(draft: Draft, place: Place) -> Iterator[Fault]:
    agencies = {agency.code for agency in draft.agencies}
    events = {event.slug for event in draft.life_events}
    for index, service in enumerate(draft.services):
        yield from _check_reference(
            service.agency, agencies, Code.UNKNOWN_AGENCY, place("service", index, "agency")
        )
        yield from _check_reference(
            service.life_event,
            events,
            Code.UNKNOWN_LIFE_EVENT,
            place("service", index, "life-event"),
        )


def _check_retired(draft: Draft, place: Place) -> Iterator[Fault]:
    services = {service.id for service in draft.services}
    for index, one in enumerate(draft.retired):
        if one.id in services:
            message = f"{one.id} stopped, and is a service all the same"
            yield Fault(Code.DUPLICATE_ID, place("retired", index, "id"), message)
        if one.successor_id not in services:
            message = f"{one.id} leads to {one.successor_id[:100]!r}, which is no service"
            yield Fault(Code.UNKNOWN_SUCCESSOR, place("retired", index, "successor"), message)


def _check_reference(key: str, known: set[str], code: Code, where: str) -> Iterator[Fault]:
    noun = "agency" if code is Code.UNKNOWN_AGENCY else "life event"
    if not key:
        yield Fault(Code.MISSING, where, f"the {noun} is missing")
    elif key not in known:
        message = f"there is no {noun} {key[:100]!r}{suggestion(key, known)}"
        yield Fault(code, where, message)
