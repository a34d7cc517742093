"""The nouns of the register, and the catalogue that holds them at one version."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from services.chassis import offices
from services.chassis.errors import NotFoundError

LANGUAGES = ("kk", "ru", "en")
LATER_TEXTS: Final = ("evidence", "keywords")
"""Texts of a service that catalogues did not have at first."""
OPTIONAL_TEXTS: Final = ("description", *LATER_TEXTS)
"""Texts that a service may lack."""


class Channel(StrEnum):
    """How a service is reached today."""

    ONLINE = "online"
    IN_PERSON = "in-person"


class Audience(StrEnum):
    """Whom a service is for."""

    CITIZEN = "citizen"
    BUSINESS = "business"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A text in the three languages of the register."""

    kk: str = ""
    ru: str = ""
    en: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether no language has a text."""
        return not (self.kk or self.ru or self.en)


@dataclass(frozen=True, slots=True)
class Agency:
    """A state body that owns services."""

    code: str
    name: LocalizedText
    regional: bool = False
    """Whether it has one office in every region, as an akimat has."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region or a city of republican significance."""

    code: str
    name: LocalizedText


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """An event in life that brings people to the state."""

    slug: str
    name: LocalizedText


@dataclass(frozen=True, slots=True)
class Service:
    """A public service."""

    id: str
    title: LocalizedText
    agency: str
    life_event: str
    audience: Audience
    channel: Channel
    description: LocalizedText = LocalizedText()
    evidence: LocalizedText = LocalizedText()
    """What the citizen must bring or fulfil, items separated by semicolons."""
    keywords: LocalizedText = LocalizedText()
    """What people call it, items separated by semicolons."""
    term_days: int = 0
    """Its own term in working days; 0 where none is named."""
    online_address: str = ""
    """Where it is had online; empty where that is not known."""

    @property
    def area(self) -> str:
        """Return the first part of the id, such as identity."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Retired:
    """An id that stopped, and the service to go to instead."""

    id: str
    successor_id: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote down as a register: in any order, and perhaps with faults."""

    name: str
    licence: str
    origin: str
    agencies: tuple[Agency, ...]
    regions: tuple[Region, ...]
    life_events: tuple[LifeEvent, ...]
    services: tuple[Service, ...]
    retired: tuple[Retired, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue(Draft):
    """The register at one version: in the order of its ids, and addressed by its content.

    `compose` makes one of a draft and refuses faults; a version that was published
    under earlier rules is built directly, so that it can be read for ever.
    """

    version: str = field(init=False, compare=False)
    """SHA-256 of the canonical content, in lower-case hexadecimal."""
    _agencies: Mapping[str, Agency] = field(init=False, compare=False, repr=False)
    _regions: Mapping[str, Region] = field(init=False, compare=False, repr=False)
    _services: Mapping[str, Service] = field(init=False, compare=False, repr=False)
    _successors: Mapping[str, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in (
            ("agencies", tuple(sorted(self.agencies, key=lambda agency: agency.code))),
            ("regions", tuple(sorted(self.regions, key=lambda region: region.code))),
            ("life_events", tuple(sorted(self.life_events, key=lambda event: event.slug))),
            ("services", tuple(sorted(self.services, key=lambda service: service.id))),
            ("retired", tuple(sorted(self.retired, key=lambda one: one.id))),
        ):
            object.__setattr__(self, name, value)
        for name, index in (
            ("_agencies", {agency.code: agency for agency in self.agencies}),
            ("_regions", {region.code: region for region in self.regions}),
            ("_services", {service.id: service for service in self.services}),
            ("_successors", {one.id: one.successor_id for one in self.retired}),
        ):
            object.__setattr__(self, name, index)
        object.__setattr__(self, "version", hashlib.sha256(self.canonical()).hexdigest())

    def canonical(self) -> bytes:
        """Return the content as JSON that is the same, byte for byte, for equal catalogues."""
        content: dict[str, Any] = {
            "name": self.name,
            "licence": self.licence,
            "origin": self.origin,
            "agencies": [asdict(agency) for agency in self.agencies],
            "regions": [asdict(region) for region in self.regions],
            "life_events": [asdict(event) for event in self.life_events],
            "services": [_canonical(service) for service in self.services],
        }
        if self.retired:  # left out where there is none: older catalogues keep their version
            content["retired"] = [asdict(one) for one in self.retired]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()

    @classmethod
    def from_canonical(cls, content: bytes) -> "Catalogue":
        """Return the catalogue whose canonical content this is."""
        read = json.loads(content)
        return cls(
            name=read["name"],
            licence=read["licence"],
            origin=read["origin"],
            agencies=tuple(Agency(**_named(entry)) for entry in read["agencies"]),
            regions=tuple(Region(**_named(entry)) for entry in read["regions"]),
            life_events=tuple(LifeEvent(**_named(entry)) for entry in read["life_events"]),
            services=tuple(_service(entry) for entry in read["services"]),
            retired=tuple(Retired(**entry) for entry in read.get("retired", ())),
        )

    def service(self, service_id: str) -> Service:
        """Return the service with this id, or the one that an id which stopped leads to."""
        current = self._successors.get(service_id, service_id)
        if (service := self._services.get(current)) is None:
            raise NotFoundError(f"there is no service {service_id}", reason="UNKNOWN_SERVICE")
        return service

    def __contains__(self, service_id: str) -> bool:
        return service_id in self._services

    @property
    def successors(self) -> Mapping[str, str]:
        """Return the ids that stopped, each with the service that it leads to."""
        return self._successors

    def successor(self, service_id: str) -> str:
        """Return where an id that stopped leads; empty where it did not stop."""
        return self._successors.get(service_id, "")

    def lost(self, before: "Catalogue") -> Sequence[str]:
        """Return the ids that a register before knew, and that lead nowhere in this one."""
        known = {*before.successors, *(one.id for one in before.services)}
        return sorted(known - self._services.keys() - self._successors.keys())

    def agency(self, code: str) -> Agency | None:
        """Return the agency with this code, if there is one."""
        return self._agencies.get(code)

    def is_regional(self, service: Service) -> bool:
        """Tell whether cases of the service go to an office in the citizen's region."""
        return self._agencies[service.agency].regional

    def offices(self) -> tuple[str, ...]:
        """Return every office there is, in the order of agencies and regions."""
        return tuple(
            office_code(agency, region)
            for agency in self.agencies
            for region in (self._regions if agency.regional else ("",))
        )

    @property
    def online_share(self) -> float:
        """Return the share of services that are online, between 0 and 1."""
        online = sum(service.channel is Channel.ONLINE for service in self.services)
        return online / len(self.services) if self.services else 0.0


def office_code(agency: Agency, region: str = "") -> str:
    """Return an office's code: the agency's own, or `akimat-75` for its office in a region."""
    return offices.regional(agency.code, region) if agency.regional else agency.code


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"name": LocalizedText(**entry["name"])}


def _service(entry: dict[str, Any]) -> Service:
    return Service(
        **entry
        | {
            "title": LocalizedText(**entry["title"]),
            "description": LocalizedText(**entry["description"]),
            **{name: LocalizedText(**entry.get(name, {})) for name in LATER_TEXTS},
            "audience": Audience(entry["audience"]),
            "channel": Channel(entry["channel"]),
        }
    )


def _canonical(service: Service) -> dict[str, Any]:
    """Leave out what came later and is empty, so that catalogues without it keep their version."""
    content = asdict(service)
    for name in LATER_TEXTS:
        if getattr(service, name).is_empty:
            del content[name]
    for field_name in ("term_days", "online_address"):
        if not content[field_name]:
            del content[field_name]
    return content
