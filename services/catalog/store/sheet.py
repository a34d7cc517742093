"""A catalogue as a table: one row a service, for people with a spreadsheet.

The columns are the fields of a service, texts with their language behind an underscore
(`title_kk`), and the names of its agency and life event beside their keys; ids that stopped stand
beside the one they lead to. Regions have no column:
they are those of the catalogue that is written over.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from services.catalog.domain import (
    Agency,
    Catalogue,
    CatalogueError,
    Code,
    Fault,
    LifeEvent,
    LocalizedText,
    Service,
)
from services.catalog.domain.register import LANGUAGES
from services.catalog.store.entries import MAX_TERM_DAYS, term_of
from services.catalog.store.foreign import Row

MAX_FILE_BYTES = 32_000_000
MAX_ROWS = 20_000
TEXTS = ("title", "description", "evidence", "keywords", "agency_name", "life_event_name")
PLAIN = (
    *("id", "agency", "regional", "life_event", "audience", "channel", "online_address"),
    *("term_days", "former_ids"),
)
COLUMNS = (*PLAIN, *(f"{name}_{language}" for name in TEXTS for language in LANGUAGES))
FIELDS = (*COLUMNS, *TEXTS)
"""What a column may hold; a text without a language stands for all that have none."""


def read_rows(path: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    """Give the rows of a CSV file; `columns` says which of its columns holds which field."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise _fault(Code.FILE_TOO_LARGE, path, 1, f"larger than {MAX_FILE_BYTES} bytes")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            fields = _fields(path, reader.fieldnames or (), columns)
            for number, cells in enumerate(reader, start=1):
                if number > MAX_ROWS:
                    raise _fault(Code.TOO_LARGE, path, reader.line_num, "too many rows")
                told = {name: cells.get(column) or "" for name, column in fields.items()}
                yield _row(told, _days(path, reader.line_num, told.get("term_days", "")))
    except UnicodeDecodeError as error:
        raise _fault(Code.BAD_UTF8, path, 1, "not UTF-8") from error
    except csv.Error as error:
        raise _fault(Code.BAD_VALUE, path, 1, str(error)) from error


def _fields(path: Path, header: Iterable[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return which column holds each field: as said, or of the field's own name."""
    header = list(header)
    for name, column in columns.items():
        if name not in FIELDS:
            message = f"no field {name[:100]!r}; there are {', '.join(FIELDS)}"
            raise _fault(Code.UNKNOWN_KEY, path, 1, message)
        if column not in header:
            raise _fault(Code.MISSING, path, 1, f"there is no column {column[:100]!r}")
    found = {name: columns.get(name, name) for name in FIELDS}
    found = {name: column for name, column in found.items() if column in header}
    if not any(name.startswith("title") for name in found):
        raise _fault(Code.MISSING, path, 1, "no column holds titles")
    return found


def _days(path: Path, line: int, told: str) -> int:
    """Return a term, and refuse what is none: a slip must not take a term away in silence."""
    days = term_of(told.strip() or "0")
    if days is None:
        raise _fault(Code.BAD_VALUE, path, line, f"a term is 0 to {MAX_TERM_DAYS} working days")
    return days


def _row(cells: Mapping[str, str], term_days: int) -> Row:
    plain = {name: cells.get(name, "").strip() for name in PLAIN}
    return Row(
        **{name: _texts(cells, name) for name in TEXTS},
        id=plain["id"],
        agency=plain["agency"],
        regional=plain["regional"].lower() in ("yes", "true", "1"),
        life_event=plain["life_event"],
        audience=plain["audience"].lower(),
        channel=plain["channel"].lower(),
        online_address=plain["online_address"],
        term_days=term_days,
        former_ids=tuple(plain["former_ids"].split()),
    )


def _texts(cells: Mapping[str, str], name: str) -> dict[str, str]:
    told = {language: cells.get(f"{name}_{language}", "") for language in LANGUAGES}
    told[""] = cells.get(name, "")
    return {language: text for language, text in told.items() if text.strip()}


def write(catalogue: Catalogue, path: Path) -> None:
    """Write a catalogue as a CSV file."""
    agencies = {agency.code: agency for agency in catalogue.agencies}
    events = {event.slug: event for event in catalogue.life_events}
    former: dict[str, list[str]] = defaultdict(list)
    for one in catalogue.retired:
        former[one.successor_id].append(one.id)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for service in catalogue.services:
            agency, event = agencies[service.agency], events[service.life_event]
            writer.writerow(_cells(service, agency, event, former[service.id]))


def _cells(
    service: Service, agency: Agency, event: LifeEvent, former: Sequence[str]
) -> dict[str, str]:
    texts: Mapping[str, LocalizedText] = {
        "title": service.title,
        "description": service.description,
        "evidence": service.evidence,
        "keywords": service.keywords,
        "agency_name": agency.name,
        "life_event_name": event.name,
    }
    return {
        "id": service.id,
        "agency": agency.code,
        "regional": "yes" if agency.regional else "no",
        "life_event": event.slug,
        "audience": service.audience.value,
        "channel": service.channel.value,
        "online_address": service.online_address,
        "term_days": str(service.term_days or ""),
        "former_ids": " ".join(former),
        **{
            f"{name}_{language}": getattr(text, language)
            for name, text in texts.items()
            for language in LANGUAGES
        },
    }


def _fault(code: Code, path: Path, line: int, message: str) -> CatalogueError:
    return CatalogueError([Fault(code, f"{path.name}:{line}", message)])
