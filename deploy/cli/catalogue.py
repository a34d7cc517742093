"""`qyzmet catalogue`: registers as others keep them, ours for others, and what is current."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType

from rich.markup import escape

from deploy.cli import terminal
from services.catalog import domain, events, store
from services.catalog.app import MIGRATIONS
from services.catalog.domain import Catalogue
from services.catalog.store import foreign, sheet
from services.catalog.store.drafts import SqlRegister
from services.catalog.store.foreign import Heading
from services.chassis import config
from services.chassis.application import utc_now
from services.chassis.database import open_database
from services.chassis.errors import InvalidError

TABLE = ".csv"
OPERATOR = "operator"
"""Who publishes from the command line."""
SHOWN = 10
RDF = (".ttl", ".jsonld", ".json")


class FormatError(InvalidError):
    """A catalogue is a .csv, .ttl, .jsonld or .json file."""

    reason = "FORMAT"


def import_(source: Path, folder: Path, columns: Sequence[str]) -> None:
    """Write a catalogue folder of somebody else's register, and tell what was made up."""
    like = store.read_folder(folder) if folder.exists() else None
    try:
        adapted = _adapted(source, like, _columns(columns))
    except OSError as error:
        raise InvalidError(f"{source}: {error.strerror or error}", reason="INPUT") from error
    store.save_folder(domain.compose(adapted.draft), folder)
    found = store.read_folder(folder)
    terminal.print_json(
        {
            "services": len(found.services),
            "agencies": len(found.agencies),
            "version": found.version,
            "filled_texts": adapted.filled,
            "made_keys": adapted.renamed,
        }
    )


def _adapted(source: Path, like: Catalogue | None, columns: Mapping[str, str]) -> foreign.Adapted:
    if source.suffix == TABLE:
        return foreign.adapt(sheet.read_rows(source, columns), _heading(source, like))
    if source.suffix in RDF:
        return foreign.adapt(*_cpsv().read(source))
    raise FormatError


def _heading(source: Path, like: Catalogue | None) -> Heading:
    """Return what a table does not tell: that of the catalogue that is written over."""
    if like is not None:
        return Heading(like.name, like.licence, like.origin, like.regions)
    return Heading(
        f"Read from {source.name}",
        "that of the file it was read from",
        f"Read from {source.name}; check titles, owners and channels.",
    )


def export(folder: Path, target: Path) -> None:
    """Write a catalogue folder in the form that the target's name ends in."""
    catalogue = store.read_folder(folder)
    try:
        if target.suffix == TABLE:
            sheet.write(catalogue, target)
        elif target.suffix in RDF:
            _cpsv().write(catalogue, target)
        else:
            raise FormatError
    except OSError as error:
        raise InvalidError(f"{target}: {error.strerror or error}", reason="OUTPUT") from error
    terminal.err.print(f"{len(catalogue.services)} services, version {catalogue.version}")


def save(folder: Path, database: str) -> None:
    """Write the register that is current into a folder."""
    with _register(database) as register:
        catalogue = register.current()
    store.save_folder(catalogue, folder)
    terminal.err.print(f"{len(catalogue.services)} services, version {catalogue.version}")


def publish(folder: Path, database: str) -> None:
    """Make a folder current; catalog, where it runs, answers from it at once."""
    catalogue = store.read_folder(folder)
    with _register(database) as register:
        before = register.current()
        is_new = register.take(catalogue, OPERATOR)
    told = "is current now" if is_new else "was current already"
    terminal.err.print(f"version {catalogue.version} {told}")
    if lost := catalogue.lost(before):
        some = ", ".join(lost[:SHOWN]) + (", …" if len(lost) > SHOWN else "")
        terminal.err.print(
            f"{len(lost)} ids lead nowhere now: {escape(some)}. Cases and corrections go on naming "
            "them, and a model that does is refused when the classifier starts again "
            f"(QYZMET_CATALOGUE={escape(str(folder))} qyzmet check-model). Were they renamed or "
            "merged? Say so in retired.yaml, or as former_ids in a table, and publish again",
            soft_wrap=True,
        )


@contextmanager
def _register(url: str) -> Iterator[SqlRegister]:
    settings = config.load(database=url)
    with closing(open_database(settings, "catalog", MIGRATIONS)) as database:
        yield SqlRegister(database, events.to_outbox, utc_now)


def _columns(given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if not all(field and column for field, _, column in pairs):
        raise InvalidError("a column is FIELD=COLUMN", field="column")
    return {field: column for field, _, column in pairs}


def _cpsv() -> ModuleType:
    try:
        from services.catalog.store import cpsv
    except ModuleNotFoundError as error:
        raise InvalidError("CPSV-AP needs rdflib: install qyzmet[rdf]", reason="NO_RDF") from error
    return cpsv
