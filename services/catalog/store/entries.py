"""Turns the trees of a folder's files into a draft that remembers where everything stood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from services.catalog.domain import (
    Agency,
    Audience,
    Channel,
    Code,
    Draft,
    Fault,
    LifeEvent,
    LocalizedText,
    Region,
    Retired,
    Service,
    suggestion,
)
from services.catalog.domain.register import OPTIONAL_TEXTS
from services.catalog.domain.rules import MAX_FAULTS
from services.catalog.store.documents import Items, Mapping, Node, Text

FORMAT = "1"
HEADING_KEYS = ("format", "name", "licence", "origin")
AGENCY_KEYS = ("code", "name", "regional")
REGION_KEYS = ("code", "name")
RETIRED_KEYS = ("id", "successor")
LIFE_EVENT_KEYS = ("slug", "name")
SERVICE_KEYS = (
    *("id", "title", *OPTIONAL_TEXTS),
    *("agency", "life-event", "audience", "channel", "online-address", "term-days"),
)
DAYS = re.compile("[0-9]{1,4}")
MAX_TERM_DAYS = 1000
LANGUAGE_KEYS = ("kk", "ru", "en")


def term_of(told: str) -> int | None:
    """Return a term in working days, 0 for none; None where this is no number we take."""
    is_term = DAYS.fullmatch(told) is not None and int(told) <= MAX_TERM_DAYS
    return int(told) if is_term else None


Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(slots=True)
class Reader:
    """Takes the files of a folder one by one, and collects entries, places and faults."""

    faults: list[Fault] = field(default_factory=list)
    _heading: dict[str, str] = field(default_factory=dict)
    _agencies: list[Agency] = field(default_factory=list)
    _regions: list[Region] = field(default_factory=list)
    _life_events: list[LifeEvent] = field(default_factory=list)
    _services: list[Service] = field(default_factory=list)
    _retired: list[Retired] = field(default_factory=list)
    _places: dict[tuple[str, int, str], str] = field(default_factory=dict)

    def draft(self) -> Draft:
        """Return what was read."""
        return Draft(
            name=self._heading.get("name", ""),
            licence=self._heading.get("licence", ""),
            origin=self._heading.get("origin", ""),
            agencies=tuple(self._agencies),
            regions=tuple(self._regions),
            life_events=tuple(self._life_events),
            services=tuple(self._services),
            retired=tuple(self._retired),
        )

    def place(self, kind: str, index: int, name: str) -> str:
        """Return the file and line of a field, or of the nearest thing around it."""
        for nearest in (name, name.partition(".")[0], ""):
            if found := self._places.get((kind, index, nearest)):
                return found
        return kind

    def take_heading(self, file: str, node: Node) -> None:
        """Take catalogue.yaml."""
        entry = _Entry(self.faults, self._places, file, "catalogue", 0)
        entry.open(node, HEADING_KEYS)
        self._heading = {key: entry.text(key) for key in HEADING_KEYS}
        if (given := self._heading["format"]) != FORMAT:
            entry.tell(Code.BAD_FORMAT, "format", f"the format must be {FORMAT}, not {given!r}")

    def take_agencies(self, file: str, node: Node) -> None:
        """Take agencies.yaml."""
        for entry in self._entries(file, node, "agency", AGENCY_KEYS, len(self._agencies)):
            agency = Agency(entry.text("code"), entry.localized("name"), entry.yes("regional"))
            self._agencies.append(agency)

    def take_regions(self, file: str, node: Node) -> None:
        """Take regions.yaml."""
        for entry in self._entries(file, node, "region", REGION_KEYS, len(self._regions)):
            self._regions.append(Region(entry.text("code"), entry.localized("name")))

    def take_life_events(self, file: str, node: Node) -> None:
        """Take life-events.yaml."""
        count = len(self._life_events)
        for entry in self._entries(file, node, "life-event", LIFE_EVENT_KEYS, count):
            self._life_events.append(LifeEvent(entry.text("slug"), entry.localized("name")))

    def take_retired(self, file: str, node: Node) -> None:
        """Take retired.yaml."""
        for entry in self._entries(file, node, "retired", RETIRED_KEYS, len(self._retired)):
            self._retired.append(Retired(entry.text("id"), entry.text("successor")))

    def take_services(self, file: str, node: Node, area: str) -> None:
        """Take services/<area>.yaml."""
        for entry in self._entries(file, node, "service", SERVICE_KEYS, len(self._services)):
            service = _service(entry)
            self._services.append(service)
            if "." in service.id and service.area != area:
                message = f"{service.id} belongs in services/{service.area}.yaml"
                entry.tell(Code.WRONG_FILE, "id", message)

    def _entries(
        self, file: str, node: Node, kind: str, keys: tuple[str, ...], first: int
    ) -> Iterator["_Entry"]:
        if not isinstance(node, Items):
            message = "must be a list, each entry after a dash"
            self.faults.append(Fault(Code.BAD_VALUE, f"{file}:{node.line}", message))
            return
        told = len(self.faults)
        for index, item in enumerate(node.nodes, first):
            if len(self.faults) - told > MAX_FAULTS:
                return  # nobody reads more faults of one file
            entry = _Entry(self.faults, self._places, file, kind, index)
            entry.open(item, keys)
            yield entry


@dataclass(slots=True)
class _Entry:
    """One mapping of a file, read field by field; what is wrong is told and replaced by nothing."""

    faults: list[Fault]
    places: dict[tuple[str, int, str], str]
    file: str
    kind: str
    index: int
    nodes: dict[str, Node] = field(default_factory=dict)

    def open(self, node: Node, keys: tuple[str, ...]) -> None:
        """Look at the entry as a whole."""
        self.nodes = self._fields(node, keys, "")

    def text(self, name: str) -> str:
        """Return a text; empty where there is none."""
        node = self.nodes.get(name, Text(0, ""))
        if isinstance(node, Text):
            return node.value
        self.tell(Code.BAD_VALUE, name, f"{name} must be a text")
        return ""

    def localized(self, name: str) -> LocalizedText:
        """Return a text in three languages; empty where there is none."""
        if name not in self.nodes:
            return LocalizedText()
        languages = self._fields(self.nodes[name], LANGUAGE_KEYS, name)
        self.nodes |= {f"{name}.{language}": node for language, node in languages.items()}
        return LocalizedText(*(self.text(f"{name}.{language}") for language in LANGUAGE_KEYS))

    def yes(self, name: str) -> bool:
        """Return whether the answer is yes; no where there is none."""
        answer = self.text(name)
        if answer not in ("", "yes", "no"):
            self.tell(Code.BAD_VALUE, name, f"{name} must be yes or no, not {answer[:100]!r}")
        return answer == "yes"

    def days(self, name: str) -> int:
        """Return a number of working days; 0 where there is none."""
        given = self.text(name)
        if not given:
            return 0
        if days := term_of(given):
            return days
        message = f"{name} must be a whole number from 1 to {MAX_TERM_DAYS}, not {given[:100]!r}"
        self.tell(Code.BAD_VALUE, name, message)
        return 0

    def choice(self, name: str, kind: type[Choice], code: Code) -> Choice:
        """Return one of the words of a kind; the first where it is missing or unknown."""
        words = [word.value for word in kind]
        word = self.text(name)
        if word in words:
            return kind(word)
        if not word:
            self.tell(Code.MISSING, name, f"{name} is missing: {', '.join(words)}")
        else:
            message = f"{name} {word[:100]!r} is not one of {', '.join(words)}"
            self.tell(code, name, message)
        return next(iter(kind))

    def tell(self, code: Code, name: str, message: str) -> None:
        """Note a fault of a field."""
        where = self.places.get((self.kind, self.index, name))
        where = where or self.places[self.kind, self.index, ""]
        self.faults.append(Fault(code, where, message))

    def _fields(self, node: Node, keys: tuple[str, ...], name: str) -> dict[str, Node]:
        self.places.setdefault((self.kind, self.index, name), f"{self.file}:{node.line}")
        if not isinstance(node, Mapping):
            self.tell(Code.BAD_VALUE, name, f"{name or 'an entry'} must have {', '.join(keys)}")
            return {}
        fields = {}
        for key, (line, value) in node.entries.items():
            full = f"{name}.{key}" if name else key
            self.places[self.kind, self.index, full] = f"{self.file}:{line}"
            if key in keys:
                fields[key] = value
            else:
                few = len(self.faults) < MAX_FAULTS  # looking for what was meant takes time
                hint = suggestion(key, keys) if few else ""
                message = f"unknown key {key[:100]!r}{hint}"
                self.tell(Code.UNKNOWN_KEY, full, message)
        return fields


def _service(entry: _Entry) -> Service:
    return Service(
        id=entry.text("id"),
        title=entry.localized("title"),
        **{name: entry.localized(name) for name in OPTIONAL_TEXTS},
        agency=entry.text("agency"),
        life_event=entry.text("life-event"),
        audience=entry.choice("audience", Audience, Code.UNKNOWN_AUDIENCE),
        channel=entry.choice("channel", Channel, Code.UNKNOWN_CHANNEL),
        online_address=entry.text("online-address"),
        term_days=entry.days("term-days"),
    )
