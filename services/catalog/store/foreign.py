"""Registers of others, brought into the form of ours: what is missing is filled and counted.

Keys that do not have our form get one made of their letters; a text that lacks a language stands in
another one, for people to translate; who has no life events or regions gets one of each.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

from anyascii import anyascii

from services.catalog.domain import (
    Agency,
    Audience,
    Channel,
    Draft,
    LifeEvent,
    LocalizedText,
    Region,
    Retired,
    Service,
)
from services.catalog.domain.rules import ADDRESS, FORMS

Texts = Mapping[str, str]
"""By language; the empty one is a text whose language nobody told."""

MAX_SLUG_CHARACTERS = 60
LEADS = ("en", "ru", "kk", "")
"""Where a language is missing, the first of these that is there stands for it."""
ANY_EVENT = LifeEvent("any", LocalizedText("Кез келген", "Любое", "Any"))
EVERYWHERE = Region("00", LocalizedText("Барлық жерде", "Везде", "Everywhere"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A service as somebody else's register tells it."""

    id: str = ""
    title: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    evidence: Texts = field(default_factory=dict)
    keywords: Texts = field(default_factory=dict)
    agency: str = ""
    agency_name: Texts = field(default_factory=dict)
    regional: bool = False
    life_event: str = ""
    life_event_name: Texts = field(default_factory=dict)
    audience: str = ""
    channel: str = ""
    online_address: str = ""
    term_days: int = 0
    former_ids: tuple[str, ...] = ()
    """Ids that stopped, and lead here."""


@dataclass(frozen=True, slots=True)
class Named:
    """An agency or a life event as somebody else's register tells it, apart from services."""

    key: str
    name: Texts
    regional: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """What a register says of itself, and which agencies and life events it knows."""

    name: str
    licence: str
    origin: str
    regions: tuple[Region, ...] = ()
    agencies: tuple[Named, ...] = ()
    life_events: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Adapted:
    """A draft, and what was made up for it."""

    draft: Draft
    filled: int
    """Texts that stand in a language they were not written in."""
    renamed: int
    """Keys that did not have our form."""


class _Keys:
    """Keys of our form for keys of any form; the same one for the same."""

    def __init__(self, kind: str, make: str) -> None:
        self._form = FORMS[kind]
        self._make = make
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()
        self.renamed = 0

    def of(self, given: str, words: str = "") -> str:
        """Return the key for a key; words tell what to make one of where there is none."""
        known = given or words
        if known not in self._given:
            self._given[known] = self._new(given, words)
        return self._given[known]

    def _new(self, given: str, words: str) -> str:
        is_good = self._form.fullmatch(given) is not None and given not in self._taken
        key = given if is_good else self._made(given if slug(given) else words)
        self.renamed += not is_good
        self._taken.add(key)
        return key

    def _made(self, words: str) -> str:
        wanted = self._make.format(slug(words) or "unnamed")
        wanted = wanted.upper().replace("-", "")[:32] if wanted[:1].isupper() else wanted
        return next(key for key in _numbered(wanted) if key not in self._taken)


def slug(words: str) -> str:
    """Return words as lower-case ASCII with dashes, in whatever script they are written."""
    plain = re.sub(r"[^a-z0-9]+", "-", anyascii(words).lower()).strip("-")
    plain = plain[:MAX_SLUG_CHARACTERS].strip("-")
    return plain if not plain or plain[0].isalpha() else f"s-{plain}"


def _numbered(wanted: str) -> Iterable[str]:
    yield wanted
    yield from (f"{wanted}{'' if wanted.isupper() else '-'}{number}" for number in count(2))


def adapt(rows: Iterable[Row], heading: Heading) -> Adapted:
    """Make a draft of somebody else's register."""
    ids, filled = _Keys("service", "service.{}"), _Filled()
    bodies, life = _Bodies(filled), _LifeEvents(filled)
    services: list[Service] = []
    former: list[tuple[str, str]] = []
    for row in rows:
        agency = bodies.of(Named(row.agency, row.agency_name, row.regional))
        event = life.of(Named(row.life_event, row.life_event_name))
        services.append(_service(row, ids, filled, agency, event))
        former += [(one, services[-1].id) for one in row.former_ids]
    for known in heading.agencies:  # those that no service names are kept as well
        bodies.of(known)
    for known in heading.life_events:
        life.of(known)
    draft = Draft(
        name=heading.name,
        licence=heading.licence,
        origin=heading.origin,
        agencies=tuple(bodies.known.values()),
        regions=heading.regions or (EVERYWHERE,),
        life_events=tuple(life.known.values()),
        services=tuple(services),
        retired=tuple(Retired(ids.of(gone), successor) for gone, successor in former),
    )
    return Adapted(draft, filled.count, ids.renamed + bodies.keys.renamed + life.keys.renamed)


def _service(row: Row, ids: _Keys, filled: "_Filled", agency: str, event: str) -> Service:
    return Service(
        id=ids.of(row.id, _best(row.title)),
        title=filled.text(row.title),
        agency=agency,
        life_event=event,
        audience=Audience(row.audience) if row.audience in set(Audience) else Audience.BOTH,
        channel=Channel(row.channel) if row.channel in set(Channel) else Channel.IN_PERSON,
        description=filled.text(row.description),
        term_days=row.term_days,
        online_address=row.online_address if ADDRESS.fullmatch(row.online_address) else "",
        evidence=filled.text(row.evidence),
        keywords=filled.text(row.keywords),
    )


class _Filled:
    """Fills the languages that a text lacks, and counts the texts it did that to."""

    def __init__(self) -> None:
        self.count = 0

    def text(self, told: Texts) -> LocalizedText:
        texts = {language: " ".join(text.split()) for language, text in told.items()}
        best = _best(texts)
        if not best:
            return LocalizedText()
        three = [texts.get(language) or "" for language in ("kk", "ru", "en")]
        self.count += not all(three)
        return LocalizedText(*(text or best for text in three))


class _Bodies:
    """The agencies that are told of, by the code they have with us."""

    def __init__(self, filled: _Filled) -> None:
        self.keys = _Keys("agency", "A{}")
        self.known: dict[str, Agency] = {}
        self._filled = filled

    def of(self, told: Named) -> str:
        """Return the code of an agency, known or new."""
        code = self.keys.of(told.key, _best(told.name) or "-")
        if code not in self.known:
            name = self._filled.text(told.name or {"": told.key or "-"})
            self.known[code] = Agency(code, name, told.regional)
        return code


class _LifeEvents:
    """The life events that are told of, by the key they have with us."""

    def __init__(self, filled: _Filled) -> None:
        self.keys = _Keys("life-event", "{}")
        self.known: dict[str, LifeEvent] = {}
        self._filled = filled

    def of(self, told: Named) -> str:
        """Return the key of a life event, known or new; where none is told, that of any."""
        if not told.key and not told.name:
            return self.known.setdefault(ANY_EVENT.slug, ANY_EVENT).slug
        key = self.keys.of(told.key, _best(told.name))
        if key not in self.known:
            self.known[key] = LifeEvent(key, self._filled.text(told.name or {"": told.key}))
        return key


def _best(texts: Texts) -> str:
    """Return the text in the first language of ours that has one, or in any."""
    told = (*(texts.get(language, "") for language in LEADS), *texts.values())
    return next((text for text in told if text.strip()), "")
