"""What the register calls things, so that tables hold names and not codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.pages.analyst.tell import Tell
from gateway.pages.analyst.words import LANGUAGE_NAMES, OUTCOME_NAMES
from gateway.pages.register import Known
from gateway.pages.visit import Visit
from qyzmet.catalog.v1 import catalog_pb2 as pb

WORDS: Mapping[str, Mapping[str, str]] = {"language": LANGUAGE_NAMES, "outcome": OUTCOME_NAMES}
"""Kinds whose names are ours, and not the register's."""
CODES = 12
"""So many digits of a model's id tell it from others."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the register, in the language of a visit."""

    visit: Visit
    known: Known
    kinds: Mapping[str, Mapping[str, pb.LocalizedText]]

    def of(self, kind: str, key: str) -> str:
        """Return what a key of a group is called; the key itself where the register knows none."""
        if not key:
            return self.visit.words("Not known")
        if kind in WORDS:
            return self.visit.words(WORDS[kind].get(key, key))
        if kind == "day":
            return Tell.of(self.visit).day(key)
        if kind == "model":
            return key[:CODES]
        found = self._kind(kind).get(key)
        return self._local(found) if found else key

    def service(self, service_id: str) -> str:
        """Return what a service is called."""
        return self.of("service", service_id)

    def office(self, code: str) -> str:
        """Return what an office is called: an agency, or an agency in a region."""
        return self._local(self.known.office(code)) if code else self.of("agency", code)

    def choices(self, kind: str) -> Sequence[tuple[str, str]]:
        """Return every key of a kind and its name, in the order of the names."""
        keys = WORDS.get(kind) or self._kind(kind)
        return sorted(((key, self.of(kind, key)) for key in keys), key=lambda one: one[1])

    def _kind(self, kind: str) -> Mapping[str, pb.LocalizedText]:
        return self.kinds.get(kind, {})

    def _local(self, text: pb.LocalizedText) -> str:
        return getattr(text, self.visit.language) or text.ru or text.kk or text.en


async def names_for(visit: Visit) -> Names:
    """Return the names for a visit, from the gateway's copy of the register."""
    known = await visit.pages.register.current(visit.session)
    kinds = {
        "service": {key: one.title for key, one in known.services.items()},
        "agency": {key: one.name for key, one in known.agencies.items()},
        "region": {one.code: one.name for one in known.regions},
        "life-event": {one.slug: one.name for one in known.life_events},
    }
    return Names(visit, known, kinds)
