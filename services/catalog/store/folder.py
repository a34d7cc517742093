"""A catalogue as a folder of YAML files: one subject each, made to be read and compared.

* catalogue.yaml        format, name, licence, origin
* agencies.yaml         code, name, regional
* regions.yaml          code, name
* life-events.yaml      slug, name
* services/<area>.yaml  id, title, description, evidence, keywords, agency, life-event,
                        audience, channel, online-address, term-days
* retired.yaml          id, successor; only where ids have stopped
"""

from collections.abc import Iterator
from importlib import resources
from itertools import islice
from pathlib import Path

from services.catalog.domain import Catalogue, CatalogueError, Code, Fault, check, compose
from services.catalog.store.documents import DocumentError, Node, read_document
from services.catalog.store.entries import Reader
from services.catalog.store.writing import files_of

LISTS = ("agencies.yaml", "regions.yaml", "life-events.yaml")
HEADING = "catalogue.yaml"
RETIRED = "retired.yaml"
SERVICES = "services"
MAX_FILES = 200
MAX_FAULTS_READ = 200


def bundled_folder() -> Path:
    """Return the folder of the catalogue that ships with the product."""
    return Path(str(resources.files("services.catalog").joinpath("data", "catalogue")))


def read_folder(path: Path) -> Catalogue:
    """Read the catalogue a folder holds, or raise CatalogueError with every fault in it."""
    reader = Reader()
    faults = list(_strangers(path))
    incomplete = False
    if len(names := _expected(path)) > MAX_FILES:
        message = f"there are more than {MAX_FILES} files"
        raise CatalogueError([Fault(Code.TOO_LARGE, f"{SERVICES}:1", message)])
    for name in names:
        try:
            node, repeated = read_document(path / name, name)
        except DocumentError as error:
            faults.append(error.fault)
            incomplete = incomplete or name in (HEADING, *LISTS)
        else:
            faults += repeated
            _take(reader, name, node)
    faults += reader.faults
    if not incomplete:
        # Without the agencies, say, every service would be told to have an unknown one.
        faults += _broken_rules(reader, faults)
    if faults:
        raise CatalogueError(sorted(faults, key=_by_place))
    return compose(reader.draft(), reader.place)


def save_folder(catalogue: Catalogue, path: Path) -> None:
    """Write a catalogue as a folder; files of areas that are gone are removed."""
    files = files_of(catalogue)
    (path / SERVICES).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (path / name).write_text(content, encoding="utf-8", newline="\n")
    for old in [*(path / SERVICES).glob("*.yaml"), *path.glob(RETIRED)]:
        if old.relative_to(path).as_posix() not in files:
            old.unlink()


def _expected(path: Path) -> list[str]:
    """Return the files to read; fewer are in the folder where some are missing."""
    areas = sorted(islice((path / SERVICES).glob("*.yaml"), MAX_FILES + 1))
    optional = [RETIRED] if (path / RETIRED).exists() else []
    return [HEADING, *LISTS, *optional, *(f"{SERVICES}/{area.name}" for area in areas)]


def _strangers(path: Path) -> Iterator[Fault]:
    """Yield what looks like a part of the catalogue but would not be read."""
    for found in islice(path.glob("**/*.y*ml"), MAX_FILES):
        name = found.relative_to(path).as_posix()
        is_area = found.suffix == ".yaml" and name.count("/") == 1 and name.startswith(SERVICES)
        if not is_area and name not in (HEADING, *LISTS, RETIRED):
            yield Fault(Code.UNKNOWN_FILE, f"{name}:1", "no such file belongs to a catalogue")


def _take(reader: Reader, name: str, node: Node) -> None:
    take = {
        HEADING: reader.take_heading,
        "agencies.yaml": reader.take_agencies,
        "regions.yaml": reader.take_regions,
        "life-events.yaml": reader.take_life_events,
        RETIRED: reader.take_retired,
    }
    if name in take:
        take[name](name, node)
    else:
        reader.take_services(name, node, Path(name).stem)


def _broken_rules(reader: Reader, told: list[Fault]) -> list[Fault]:
    """Return the rules the draft breaks, without calling missing what was told to be malformed."""
    places = {fault.place for fault in told}
    missing = (Code.MISSING, Code.MISSING_LANGUAGE)
    faults = islice(check(reader.draft(), reader.place), MAX_FAULTS_READ)
    return [fault for fault in faults if fault.code not in missing or fault.place not in places]


def _by_place(fault: Fault) -> tuple[str, int]:
    file, _, line = fault.place.rpartition(":")
    return file, int(line) if line.isdecimal() else 0
