"""Services and offices found by what somebody types, in any of the three languages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.pages.register import Known
from gateway.pages.visit import Visit
from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis.offices import regional

MOST_SERVICES = 10
MOST_OFFICES = 5
MOST_CHARACTERS = 100
LOOKED_THROUGH = 200
"""So many services that fit are looked through for those whose titles fit."""
LETTERS = 4
"""So many letters of a word must be the same: endings differ."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and for which words."""

    query: str = ""
    services: Sequence[pb.Service] = ()
    offices: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether somebody looked and nothing was found."""
        return bool(self.query) and not self.services and not self.offices


NOTHING = Found()


async def find(visit: Visit, query: str, known: Known) -> Found:
    """Find services by their words, those with the words in their titles first, and offices."""
    query = query.strip()[:MOST_CHARACTERS]
    if not query:
        return NOTHING
    request = pb.ListServicesRequest(query=query, page_size=LOOKED_THROUGH)
    listed = await visit.call(visit.session.clients.catalog.ListServices, request)
    beginnings = [word[:LETTERS] for word in _words(query)]
    services = sorted(listed.services, key=lambda one: not _in(beginnings, one.title))
    return Found(query, services[:MOST_SERVICES], _offices(beginnings, known)[:MOST_OFFICES])


def offices_of(known: Known) -> list[str]:
    """Return every office there is: an agency's own, or one in each region."""
    found: list[str] = []
    for code, agency in known.agencies.items():
        if agency.regional:
            found += [regional(code, region.code) for region in known.regions]
        else:
            found.append(code)
    return found


def _offices(beginnings: Sequence[str], known: Known) -> list[str]:
    if not beginnings:
        return []
    return [code for code in offices_of(known) if _in(beginnings, known.office(code))]


def _in(beginnings: Sequence[str], text: pb.LocalizedText) -> bool:
    words = _words(f"{text.kk} {text.ru} {text.en}")
    return all(any(word.startswith(one) for word in words) for one in beginnings)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("ё", "е"))
