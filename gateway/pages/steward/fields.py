"""A service as a form, and back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.pages.visit import Form
from gateway.pages.words import N_
from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis import codec

LANGUAGES = ("kk", "ru", "en")
LONGEST = {"title": 500, "description": 2000, "evidence": 2000, "keywords": 2000}
TEXTS = {
    "title": N_("Title"),
    "description": N_("What it does"),
    "evidence": N_("What to bring, separated by semicolons"),
    "keywords": N_("What people call it, separated by semicolons"),
}
CHANNELS = {"online": N_("Online"), "in-person": N_("In person")}
AUDIENCES = {"citizen": N_("Citizens"), "business": N_("Businesses"), "both": N_("Both")}
SINGLE = {
    "id": N_("Id"),
    "agency": N_("Agency"),
    "life_event": N_("Life event"),
    "audience": N_("Whom it is for"),
    "channel": N_("How it is reached"),
    "online_address": N_("Address where it is had online"),
    "term_days": N_("Term in working days"),
}
NAMES = (*SINGLE, *(f"{text}_{language}" for text in TEXTS for language in LANGUAGES))
MOST_DAYS = 1000
FEWEST_ROWS, MOST_ROWS = 3, 30
LINE = 34
"""So many letters fit into a line of a box, on a phone or as one of three side by side."""

CHANNEL = pb.DESCRIPTOR.enum_types_by_name["Channel"]
AUDIENCE = pb.DESCRIPTOR.enum_types_by_name["Audience"]

FAULTS: Mapping[str, str] = {
    "MISSING": N_("This must not be empty."),
    "MISSING_LANGUAGE": N_("Write it in all three languages, or in none."),
    "BAD_ID": N_("An id is like identity.passport: small Latin letters, digits and dashes."),
    "DUPLICATE_ID": N_("This id is taken, or was another service's once."),
    "BAD_TEXT": N_("This is too long, or has characters that cannot be shown."),
    "BAD_ADDRESS": N_(
        "An address is like https://egov.kz: it begins with https:// and has no blanks."
    ),
    "BAD_VALUE": N_(
        "A term is a whole number of working days, 1 to 1000; leave it empty where the general "
        "term holds."
    ),
    "SAME_SERVICE": N_("A service cannot be merged with itself."),
    "UNKNOWN_SERVICE": N_("There is no such service in the draft."),
    "TOO_LARGE": N_("The whole register would become too large."),
}
OTHER_FAULT = N_("Check this.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field of a form, in words."""

    name: str
    words: str

    @classmethod
    def of(cls, reason: str, field_: str) -> "Fault":
        """Return a fault a service told, at the field of the form."""
        name = field_.replace(".", "_").replace("-", "_")
        return cls(name, FAULTS.get(reason, OTHER_FAULT))


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as somebody sees it: what is typed, what is wrong, and what the draft holds."""

    values: Mapping[str, str]
    fault: Fault | None = None
    present: Mapping[str, str] = field(default_factory=dict)
    """The draft's own values, told where they are others than what was typed."""

    def rows(self, text: str) -> int:
        """Return how many lines the longest of a text's languages takes, as boxes side by side do.

        For browsers whose boxes do not grow with what is in them.
        """
        needed = (_lines(self.values[f"{text}_{language}"]) for language in LANGUAGES)
        return min(max(FEWEST_ROWS, *needed), MOST_ROWS)


def _lines(text: str) -> int:
    return sum(len(line) // LINE + 1 for line in text.split("\n"))


def values_of(service: pb.Service) -> dict[str, str]:
    """Return a service as the fields of a form hold it."""
    single = {
        "id": service.id,
        "agency": service.agency,
        "life_event": service.life_event,
        "audience": codec.kebab(AUDIENCE, service.audience) or "",
        "channel": codec.kebab(CHANNEL, service.channel) or "",
        "online_address": service.online_address,
        "term_days": str(service.term_days or ""),
    }
    return single | {
        f"{text}_{language}": getattr(getattr(service, text), language)
        for text in TEXTS
        for language in LANGUAGES
    }


def typed(form: Form) -> dict[str, str]:
    """Return what somebody typed."""
    return {name: form.text(name) for name in NAMES}


def service_of(values: Mapping[str, str]) -> pb.Service:
    """Return the service a form speaks of; a term that is no number is beyond what is allowed."""
    days = values["term_days"]
    is_number = days.isascii() and days.isdigit() and len(days) <= len(str(MOST_DAYS))
    return pb.Service(
        id=values["id"],
        agency=values["agency"],
        life_event=values["life_event"],
        audience=codec.number(AUDIENCE, values["audience"]),  # type: ignore[arg-type]  # the number of the enum's value
        channel=codec.number(CHANNEL, values["channel"]),  # type: ignore[arg-type]  # likewise
        online_address=values["online_address"],
        term_days=int(days) if is_number else MOST_DAYS + 1 if days else 0,
        **{text: _localized(values, text) for text in TEXTS},  # type: ignore[arg-type]  # texts alone
    )


def _localized(values: Mapping[str, str], text: str) -> pb.LocalizedText:
    return pb.LocalizedText(**{language: values[f"{text}_{language}"] for language in LANGUAGES})


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that a draft changes: its name and what it is called, what was and what will be."""

    name: str
    label: str
    language: str
    """Empty where the field is the same in every language."""
    before: str
    after: str


def changed(one: pb.ServiceDifference) -> Iterator[Changed]:
    """Yield what differs."""
    before, after = values_of(one.before), values_of(one.after)
    for name in NAMES:
        if before[name] != after[name]:
            text, _, language = name.rpartition("_")
            is_text = text in TEXTS
            label = TEXTS[text] if is_text else SINGLE[name]
            yield Changed(name, label, language if is_text else "", before[name], after[name])


def choices(catalogue: pb.Catalogue) -> dict[str, Any]:
    """Return what may be chosen in a form."""
    return {
        "agencies": catalogue.agencies,
        "life_events": catalogue.life_events,
        "channels": CHANNELS,
        "audiences": AUDIENCES,
        "texts": TEXTS,
        "longest": LONGEST,
        "text_languages": LANGUAGES,
    }
