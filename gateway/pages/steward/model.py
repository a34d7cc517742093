"""What today's model makes of a service's words: whether it finds it, and what it takes it for.

The model is not changed by words in the register; it learns them by training. So this asks only
which service the model names for the title, the description and what people call the service.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from gateway.pages.steward.fields import LANGUAGES
from gateway.pages.visit import Visit
from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.routing.v1 import routing_pb2
from services.chassis.errors import RETRYABLE

MOST_TEXTS = 24
"""So many texts are asked about; they share a computation."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model says of one text."""

    text: str
    language: str
    probability: float
    """Of the service itself; 0 where it is not among the best."""
    best: routing_pb2.SuggestedService | None
    is_found: bool
    """Whether the service itself comes first."""


async def opinions(
    visit: Visit, service: pb.Service, catalogue: pb.Catalogue
) -> list[Opinion] | None:
    """Ask about each of a service's texts; nothing where the model is away."""
    own = {service.id} | {one.id for one in catalogue.retired if one.successor_id == service.id}
    texts = list(islice(_texts(service), MOST_TEXTS))
    try:
        return list(await asyncio.gather(*(_ask(visit, *text, own) for text in texts)))
    except RETRYABLE:
        return None


async def _ask(visit: Visit, language: str, text: str, own: set[str]) -> Opinion:
    request = routing_pb2.SuggestRequest(text=text)
    answer = await visit.call(visit.session.clients.routing.Suggest, request)
    named = answer.suggestions
    mine = sum(one.probability for one in named if one.service_id in own)
    best = named[0] if named else None
    return Opinion(text, language, mine, best, bool(best and best.service_id in own))


def _texts(service: pb.Service) -> Iterator[tuple[str, str]]:
    """Yield titles first, then what people say, then descriptions: a few of each language."""
    yield from _of(service.title)
    keywords = {code: getattr(service.keywords, code).split(";") for code in LANGUAGES}
    for place in range(MOST_TEXTS // 4):
        for code in LANGUAGES:
            if word := "".join(keywords[code][place : place + 1]).strip():
                yield code, word
    yield from _of(service.description)


def _of(text: pb.LocalizedText) -> Iterator[tuple[str, str]]:
    for code in LANGUAGES:
        if words := getattr(text, code):
            yield code, words
