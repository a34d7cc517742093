"""A copy of the register of services, for the names of services, offices and regions."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.http.session import Session
from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis.errors import ServiceError, UnavailableError
from services.chassis.offices import agency_and_region

FRESH_SECONDS = 30.0
PAUSE_SECONDS = 2.0
"""After a question that failed; until then all get the copy, or the refusal, at once."""
COPY_PATIENCE_SECONDS = 0.5
"""How long a page waits for news of the register before it takes the copy; far above usual."""
FIRST_PATIENCE_SECONDS = 2.0
"""How long it waits where there is no copy yet."""


class AwayError(UnavailableError):
    """The register of services cannot be asked now."""


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
        agency, region = agency_and_region(code)
        name = next((one.name for one in self.regions if one.code == region), None)
        if agency not in self.agencies or name is None:
            return _same(code)
        of = self.agencies[agency].name
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
    """Gives the register, looked for anew when the copy is older than half a minute.

    One question is under way at a time, for all who wait, and nobody waits for it for long: a
    catalog that hangs must not keep the gateway full of those who wait for names.
    """

    def __init__(self) -> None:
        self._known = Known()
        self._fetched = 0.0
        self._asked = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._failed = 0.0
        self._error: ServiceError | None = None

    async def current(self, session: Session) -> Known:
        """Return the register, or the copy at hand where catalog does not answer.

        Asked for in the caller's name, as everything is. Raises where there was never an answer.
        """
        if not _is_within(FRESH_SECONDS, self._fetched):
            await self._renew(session)
        return self._known

    async def at_hand(self, session: Session) -> Known:
        """Return the register, or what is known of it where it cannot be asked.

        For pages that need names alone: signing in must not wait for the register to come back.
        """
        try:
            return await self.current(session)
        except ServiceError:
            return self._known

    async def _renew(self, session: Session) -> None:
        if self._asking is None and not _is_within(PAUSE_SECONDS, self._failed):
            self._asked = time.monotonic()
            self._asking = asyncio.create_task(self._fetch(session))
        patience = COPY_PATIENCE_SECONDS if self._fetched else FIRST_PATIENCE_SECONDS
        left = self._asked + patience - time.monotonic()
        if self._asking is not None and left > 0:
            await asyncio.wait({self._asking}, timeout=left)
        if not self._fetched:
            raise AwayError from self._error

    async def _fetch(self, session: Session) -> None:
        request = pb.GetCatalogueRequest(known_version=self._known.version)
        try:
            answer = await session.call(session.clients.catalog.GetCatalogue, request)
        except ServiceError as error:
            self._error, self._failed = error, time.monotonic()
        else:
            self._take(answer)
        finally:
            self._asking = None

    def _take(self, answer: pb.GetCatalogueResponse) -> None:
        if answer.HasField("catalogue"):
            found = answer.catalogue
            self._known = Known(
                found.version,
                {one.id: one for one in found.services},
                {one.code: one for one in found.agencies},
                tuple(found.regions),
                tuple(found.life_events),
            )
        self._fetched, self._failed = time.monotonic(), 0.0


def _is_within(seconds: float, moment: float) -> bool:
    """Tell whether something happened, and not longer ago than this."""
    return moment > 0 and time.monotonic() - moment <= seconds


def _same(text: str) -> pb.LocalizedText:
    return pb.LocalizedText(kk=text, ru=text, en=text)
