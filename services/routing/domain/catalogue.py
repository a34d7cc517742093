"""The register of services as routing needs it, at one version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.chassis import offices
from services.chassis.errors import InvalidError
from services.routing.domain.values import Alternative, Channel, Classification


class RegionRequiredError(InvalidError):
    """The service needs the citizen's region."""

    reason = "REGION_REQUIRED"


class UnknownRegionError(InvalidError):
    """There is no such region."""

    reason = "UNKNOWN_REGION"


class UnknownServiceError(InvalidError):
    """There is no such service."""

    reason = "UNKNOWN_SERVICE"


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A text in the three languages of the register."""

    kk: str = ""
    ru: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A public service; regional ones are handled by an office in the citizen's region."""

    id: str
    title: LocalizedText
    agency: str
    channel: Channel
    regional: bool = False
    term_days: int = 0
    """Its own term in working days; 0 where the register names none."""

    def office(self, region: str) -> str:
        """Return the code of the office that handles it: `MIA`, or `akimat-75`."""
        return offices.regional(self.agency, region) if self.regional else self.agency


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All services and regions at one version."""

    version: str
    services: Mapping[str, Service]
    regions: frozenset[str]
    successors: Mapping[str, str] = field(default_factory=dict)
    """The ids that stopped, each with the service to go to instead."""

    @classmethod
    def of(
        cls,
        version: str,
        services: Sequence[Service],
        regions: Sequence[str],
        successors: Mapping[str, str] | None = None,
    ) -> "Catalogue":
        """Build a catalogue from its services, the codes of its regions, and ids that led on."""
        known = {service.id: service for service in services}
        return cls(version, known, frozenset(regions), successors or {})

    def find(self, service_id: str) -> Service | None:
        """Find a service by its id, or by one that stopped and leads to it."""
        return self.services.get(self.successors.get(service_id, service_id))

    def read(self, seen: Classification) -> Classification:
        """Return what a model says in the ids of today: what stopped counts for its successor."""
        if not any(one.service_id in self.successors for one in seen.suggestions):
            return seen
        found: dict[str, float] = {}
        for one in seen.suggestions:
            today = self.successors.get(one.service_id, one.service_id)
            found[today] = found.get(today, 0.0) + one.probability
        best = sorted(found.items(), key=lambda pair: -pair[1])
        return replace(seen, suggestions=tuple(Alternative(*pair) for pair in best))

    def service(self, service_id: str) -> Service:
        """Return a service by its id, or by one that leads to it."""
        if (service := self.find(service_id)) is None:
            raise UnknownServiceError(field="service_id")
        return service

    def of_office(self, code: str) -> Sequence[Service]:
        """Return the services of an agency or of one of its offices; none for an unknown code."""
        region = self.region_of(code)
        return [
            one
            for one in self.services.values()
            if one.agency == code or (region and one.office(region) == code)
        ]

    def region_of(self, code: str) -> str:
        """Return the region of an office such as `akimat-75`; empty where the code names none."""
        _, region = offices.agency_and_region(code)
        return region if region in self.regions else ""

    def check_region(self, region: str) -> None:
        """Refuse a region that does not exist; none at all is allowed."""
        if region and region not in self.regions:
            raise UnknownRegionError(field="region")

    def office(self, service: Service, region: str) -> str:
        """Return the office that handles a service for somebody of a region."""
        if service.regional and not region:
            raise RegionRequiredError(field="region")
        if service.regional:
            self.check_region(region)
        return service.office(region)
