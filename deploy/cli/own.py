"""A catalogue out of somebody's own cases: for a government that has a file but no register yet.

Every label becomes a service, owned by the body that handled it most often. It is a
beginning to edit, not a register: titles stand in one language, channels are unknown
and therefore said to be in person.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from classifier.examples import ExampleError, rows
from classifier.labelled import Names, names_of
from services.catalog import domain, store
from services.catalog.domain import (
    Agency,
    Audience,
    Catalogue,
    Channel,
    Draft,
    LifeEvent,
    LocalizedText,
    Region,
    Service,
)
from services.catalog.store import foreign

AREA = "service"
EVENT = "any"
NO_REGION = "00"
MAX_LABELS = 5000


def make(path: Path, folder: Path, *, label: str, agency: str, limit: int) -> Catalogue:
    """Write a catalogue of the labels of a file into a folder and return it as read back."""
    handlers = _handlers(path, label, agency, limit)
    codes = _agency_codes({body for counts in handlers.values() for body in counts})
    draft = Draft(
        name=f"Made from {path.name}",
        licence="that of the file it was made from",
        origin=f"Made from the labels of {path.name}; check titles, owners and channels.",
        agencies=tuple(Agency(code, _same(body)) for body, code in codes.items()),
        regions=(Region(NO_REGION, _same("everywhere")),),
        life_events=(LifeEvent(EVENT, _same("any")),),
        services=tuple(_services(handlers, codes)),
    )
    store.save_folder(domain.compose(draft), folder)
    return store.read_folder(folder)


def names(catalogue: Catalogue) -> Names:
    """Return what a label of somebody's own file may say of a service."""
    titles = {one.id: (one.title.kk, one.title.ru, one.title.en) for one in catalogue.services}
    return names_of(titles, catalogue.successors)


def _handlers(path: Path, label: str, agency: str, limit: int) -> dict[str, Counter[str]]:
    """Count who handled each label."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for place, (line, row) in enumerate(rows(path)):
        if place == limit:
            break
        if label not in row:
            raise ExampleError(f"{path}:{line}: there is no column {label!r}")
        name = " ".join(str(row[label] or "").split())
        if name:
            counts[name][" ".join(str(row.get(agency) or "").split()) or "-"] += 1
        if len(counts) > MAX_LABELS:
            raise ExampleError(f"{path}: more than {MAX_LABELS} labels; is {label!r} the column?")
    return counts


def _services(handlers: Mapping[str, Counter[str]], codes: Mapping[str, str]) -> Iterable[Service]:
    taken: set[str] = set()
    for label in sorted(handlers):
        slug = _slug(label, taken)
        taken.add(slug)
        yield Service(
            id=f"{AREA}.{slug}",
            title=_same(label),
            agency=codes[handlers[label].most_common(1)[0][0]],
            life_event=EVENT,
            audience=Audience.BOTH,
            channel=Channel.IN_PERSON,
        )


def _slug(label: str, taken: set[str]) -> str:
    """Return a readable id in ASCII that nobody has yet."""
    plain = foreign.slug(label) or "s"
    slug, number = plain, 2
    while slug in taken:
        slug, number = f"{plain}-{number}", number + 1
    return slug


def _agency_codes(bodies: set[str]) -> dict[str, str]:
    return {body: f"A{number:03d}" for number, body in enumerate(sorted(bodies), start=1)}


def _same(text: str) -> LocalizedText:
    return LocalizedText(kk=text, ru=text, en=text)
