"""Writes a catalogue as YAML files, always the same way, so that a diff is small."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import yaml
from yaml.representer import BaseRepresenter

from services.catalog.domain import Agency, Catalogue, LifeEvent, LocalizedText, Region, Service
from services.catalog.domain.register import OPTIONAL_TEXTS
from services.catalog.store.entries import FORMAT

Entry = dict[str, Any]


def files_of(catalogue: Catalogue) -> dict[str, str]:
    """Return the files of a catalogue: path in the folder to content."""
    files = {
        "catalogue.yaml": _dump(_heading(catalogue)),
        "agencies.yaml": _listing(_agency(agency) for agency in catalogue.agencies),
        "regions.yaml": _listing(_region(region) for region in catalogue.regions),
        "life-events.yaml": _listing(_life_event(event) for event in catalogue.life_events),
    }
    if catalogue.retired:
        files["retired.yaml"] = _listing(
            {"id": one.id, "successor": one.successor_id} for one in catalogue.retired
        )
    for area, services in groupby(catalogue.services, key=lambda service: service.area):
        files[f"services/{area}.yaml"] = _listing(_service(service) for service in services)
    return files


def _listing(entries: Iterable[Entry]) -> str:
    # An empty line between entries: people read these files.
    return "\n".join(_dump([entry]) for entry in entries) or "[]\n"


def _heading(catalogue: Catalogue) -> Entry:
    return {
        "format": FORMAT,
        "name": catalogue.name,
        "licence": catalogue.licence,
        "origin": catalogue.origin,
    }


def _agency(agency: Agency) -> Entry:
    entry: Entry = {"code": agency.code, "name": _text(agency.name)}
    return entry | ({"regional": True} if agency.regional else {})


def _region(region: Region) -> Entry:
    return {"code": region.code, "name": _text(region.name)}


def _life_event(event: LifeEvent) -> Entry:
    return {"slug": event.slug, "name": _text(event.name)}


def _service(service: Service) -> Entry:
    texts = {name: getattr(service, name) for name in OPTIONAL_TEXTS}
    return {
        "id": service.id,
        "title": _text(service.title),
        **{name: _text(text) for name, text in texts.items() if not text.is_empty},
        "agency": service.agency,
        "life-event": service.life_event,
        "audience": service.audience.value,
        "channel": service.channel.value,
        **({"online-address": service.online_address} if service.online_address else {}),
        **({"term-days": service.term_days} if service.term_days else {}),
    }


def _text(text: LocalizedText) -> Entry:
    return {"kk": text.kk, "ru": text.ru, "en": text.en}


def _yes_or_no(writer: BaseRepresenter, answer: Any) -> yaml.Node:
    return writer.represent_scalar("tag:yaml.org,2002:bool", "yes" if answer else "no")


class _Writer(yaml.SafeDumper):
    """Writes yes and no as people do."""

    yaml_representers = yaml.SafeDumper.yaml_representers | {bool: _yes_or_no}


def _dump(content: object) -> str:
    return yaml.dump(content, Dumper=_Writer, allow_unicode=True, sort_keys=False, width=100)
