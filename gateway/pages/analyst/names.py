"""What the register calls things, so that tables hold names and not codes."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.pages.analyst.words import LANGUAGE_NAMES
from gateway.pages.visit import Visit
from qyzmet.catalog.v1 import catalog_pb2 as pb

FRESH_SECONDS = 30.0
CODES = 12
"""So many digits of a model's id tell it from others."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The register at one version."""

    version: str = ""
    services: Mapping[str, pb.LocalizedText] = field(default_factory=dict)
    agencies: Mapping[str, pb.LocalizedText] = field(default_factory=dict)
    regions: Mapping[str, pb.LocalizedText] = field(default_factory=dict)
    life_events: Mapping[str, pb.LocalizedText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the register, in the language of a visit."""

    visit: Visit
    copy: Copy

    def of(self, kind: str, key: str) -> str:
        """Return what a key of a group is called; the key itself where the register knows none."""
        if not key:
            return self.visit.words("Not known")
        if kind == "language":
            return self.visit.words(LANGUAGE_NAMES.get(key, key))
        if kind == "model":
            return key[:CODES]
        found = self._kind(kind).get(key)
        return self._local(found) if found else key

    def service(self, service_id: str) -> str:
        """Return what a service is called."""
        return self.of("service", service_id)

    def office(self, code: str) -> str:
        """Return what an office is called: an agency, or an agency in a region (`akimat-75`)."""
        agency, _, region = code.rpartition("-")
        if code in self.copy.agencies or agency.upper() not in self.copy.agencies:
            return self.of("agency", code)
        return f"{self.of('agency', agency.upper())}, {self.of('region', region)}"

    def choices(self, kind: str) -> Sequence[tuple[str, str]]:
        """Return every key of a kind and its name, in the order of the names."""
        keys = LANGUAGE_NAMES if kind == "language" else self._kind(kind)
        return sorted(((key, self.of(kind, key)) for key in keys), key=lambda one: one[1])

    def _kind(self, kind: str) -> Mapping[str, pb.LocalizedText]:
        return {
            "service": self.copy.services,
            "agency": self.copy.agencies,
            "region": self.copy.regions,
            "life-event": self.copy.life_events,
        }.get(kind, {})

    def _local(self, text: pb.LocalizedText) -> str:
        return getattr(text, self.visit.language) or text.ru or text.kk or text.en


class Register:
    """A copy of the register, looked for anew when it is older than half a minute."""

    def __init__(self) -> None:
        self._copy, self._end, self._lock = Copy(), 0.0, asyncio.Lock()

    async def names(self, visit: Visit) -> Names:
        """Return the names for a visit; asked for in the caller's name, as everything is."""
        async with self._lock:
            if time.monotonic() >= self._end:
                await self._fetch(visit)
        return Names(visit, self._copy)

    async def _fetch(self, visit: Visit) -> None:
        request = pb.GetCatalogueRequest(known_version=self._copy.version)
        answer = await visit.call(visit.session.clients.catalog.GetCatalogue, request)
        if answer.HasField("catalogue"):
            found = answer.catalogue
            self._copy = Copy(
                found.version,
                {one.id: one.title for one in found.services},
                {one.code: one.name for one in found.agencies},
                {one.code: one.name for one in found.regions},
                {one.slug: one.name for one in found.life_events},
            )
        self._end = time.monotonic() + FRESH_SECONDS


async def names_for(visit: Visit) -> Names:
    """Return the names for a visit, from the copy of the app."""
    state = visit.request.app.state
    if not hasattr(state, "analyst_register"):
        state.analyst_register = Register()
    register: Register = state.analyst_register
    return await register.names(visit)
