"""Requests whose way is known: the bundled examples that the bundled model routes by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random

from classifier import artifact, handlers
from classifier import domain as classified
from classifier.examples import read_bundled
from classifier.watch import LiveModels
from services.catalog import store
from services.chassis.masking import mask
from services.routing import domain
from services.routing.store import bundled_policy, read_policy

REGION = "75"
SHORTEST, LONGEST = 60, 100


@dataclass(frozen=True, slots=True)
class Routed:
    """A text, and the office it goes to."""

    text: str
    office: str
    region: str = REGION


def live_models(model: Path, folder: Path | None = None) -> LiveModels:
    """Load a model as the classifier would, for a catalogue or the bundled one."""
    catalogue = store.read_folder(folder or store.bundled_folder())
    models = LiveModels()
    known = {service.id for service in catalogue.services}
    models.replace(artifact.load(model, known), catalogue.version)
    return models


def routed(
    model: Path,
    folder: Path | None = None,
    words: Sequence[str] | None = None,
    regions: Sequence[str] = (REGION,),
) -> Sequence[Routed]:
    """Return the texts (the bundled examples) that reach an office without anybody's help.

    They come from the regions in turn.
    """
    register = store.read_folder(folder or store.bundled_folder())
    regional = {agency.code for agency in register.agencies if agency.regional}
    services = [
        domain.Service(
            one.id,
            domain.LocalizedText(),
            one.agency,
            domain.Channel.ONLINE,
            one.agency in regional,
        )
        for one in register.services
    ]
    catalogue = domain.Catalogue.of(register.version, services, regions)
    policy = read_policy(bundled_policy())
    texts = words or [example.text for example in read_bundled()]
    seen = handlers.classify(texts, models=live_models(model, folder), mask=mask)
    return [
        Routed(text, catalogue.service(told.suggestions[0].service_id).office(region), region)
        for text, told, region in zip(texts, seen, cycle(regions), strict=False)
        if told.suggestions
        and _goes_by_itself(told, domain.Facts(region=region), catalogue, policy)
    ]


def _goes_by_itself(
    told: classified.Classification,
    facts: domain.Facts,
    catalogue: domain.Catalogue,
    policy: domain.Policy,
) -> bool:
    seen = domain.Classification(
        language=domain.Language(told.language.value),
        suggestions=tuple(
            domain.Alternative(one.service_id, one.probability) for one in told.suggestions
        ),
        out_of_scope_probability=told.out_of_scope,
        route_threshold=told.thresholds.route,
        confirm_threshold=told.thresholds.confirm,
    )
    return domain.decide(seen, facts, catalogue, policy).outcome is domain.Outcome.ROUTE


def sentences(seed: int) -> Iterator[str]:
    """Give texts of 80 ± 20 characters without end, made of the bundled examples' words."""
    random = Random(seed)
    words = [example.text for example in read_bundled()]
    random.shuffle(words)
    for text in cycle(words):
        wanted = random.randint(SHORTEST, LONGEST)
        longer = text
        while len(longer) < wanted:
            longer = f"{longer} {random.choice(words)}"
        yield longer[:wanted]
