"""A copy of the register of services, for the names of services, offices and regions."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.http.session import Session
from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis.errors import ServiceError

FRESH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Known:
    """The register at one version."""

    version: str = ""
    services: Mapping[str, pb.Service] = field(default_factory=dict)
    agencies: Mapping[str, pb.Agency] = field(default_factory=dict)
    regions: Sequence[pb.Region] = ()
    life_events: Sequence[pb.LifeEvent] = ()

    def title(self, service_id: str) -> pb.LocalizedText:
        """Return what a service is called; its id where it left the register."""
        service = self.services.get(service_id)
        return service.title if service else _same(service_id)

    def office(self, code: str) -> pb.LocalizedText:
        """Return what an office is called: an agency, or an agency in a region (`akimat-75`)."""
        if code in self.agencies:
            return self.agencies[code].name
        agency, _, region = code.rpartition("-")
        name = next((one.name for one in self.regions if one.code == region), None)
        if agency.upper() not in self.agencies or name is None:
            return _same(code)
        of = self.agencies[agency.upper()].name
        return pb.LocalizedText(
            kk=f"{of.kk}, {name.kk}", ru=f"{of.ru}, {name.ru}", en=f"{of.en}, {name.en}"
        )

    def life_event(self, slug: str) -> pb.LocalizedText:
        """Return what an event of life is called; its own word where the register knows none."""
        name = next((one.name for one in self.life_events if one.slug == slug), None)
        return name or _same(slug)

    def is_regional(self, service: pb.Service) -> bool:
        """Tell whether the office of a service depends on where somebody lives."""
        agency = self.agencies.get(service.agency)
        return service.regional or bool(agency and agency.regional)


class Register:
    """Gives the register, looked for anew when the copy is older than half a minute."""

    def __init__(self) -> None:
        self._known = Known()
        self._fetched = 0.0
        self._lock = asyncio.Lock()

    async def current(self, session: Session) -> Known:
        """Return the register; asked for in the caller's name, as everything is."""
        async with self._lock:
            if not self._fetched or time.monotonic() - self._fetched > FRESH_SECONDS:
                await self._fetch(session)
        return self._known

    async def at_hand(self, session: Session) -> Known:
        """Return the register, or what is known of it where it cannot be asked.

        For pages that need names alone: signing in must not wait for the register to come back.
        """
        try:
            return await self.current(session)
        except ServiceError:
            return self._known

    async def _fetch(self, session: Session) -> None:
        request = pb.GetCatalogueRequest(known_version=self._known.version)
        answer = await session.call(session.clients.catalog.GetCatalogue, request)
        if answer.HasField("catalogue"):
            found = answer.catalogue
            self._known = Known(
                found.version,
                {one.id: one for one in found.services},
                {one.code: one for one in found.agencies},
                tuple(found.regions),
                tuple(found.life_events),
            )
        self._fetched = time.monotonic()


def _same(text: str) -> pb.LocalizedText:
    return pb.LocalizedText(kk=text, ru=text, en=text)
