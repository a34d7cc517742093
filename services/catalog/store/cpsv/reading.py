"""Reads CPSV-AP, ours and others': bounded, and without fetching anything."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, Graph, Literal, URIRef
from rdflib.exceptions import ParserError
from rdflib.term import Node

from services.catalog.domain import CatalogueError, Code, Fault, LocalizedText, Region
from services.catalog.domain.register import LANGUAGES
from services.catalog.store.cpsv.words import BASE, CPSV, CV, FORMATS, OURS
from services.catalog.store.entries import MAX_TERM_DAYS, term_of
from services.catalog.store.foreign import Heading, Named, Row

MAX_FILE_BYTES = 32_000_000
MAX_TRIPLES = 1_000_000
MAX_DEPTH = 60
ONLINE_WORDS = ("online", "e-service", "website", "internet", "homepage")
_NUMBER = re.compile(r"(\d+)$")


def read(path: Path) -> tuple[list[Row], Heading]:
    """Read the services of a file, and what it says of itself."""
    graph = _parse(path)
    services = sorted(graph.subjects(RDF.type, CPSV.PublicService), key=str)
    if not services:
        raise _fault(Code.NO_SERVICES, path, "no cpsv:PublicService is in the file")
    return [_row(graph, service, path) for service in services], _heading(graph, path)


def _parse(path: Path) -> Graph:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise _fault(Code.FILE_TOO_LARGE, path, f"larger than {MAX_FILE_BYTES} bytes")
    kind = FORMATS[path.suffix]
    graph = Graph()
    try:
        text = path.read_text("utf-8-sig")
        if kind == "json-ld":
            _refuse_remote(path, json.loads(text))
        graph.parse(data=text, format=kind, publicID=BASE)
    except UnicodeDecodeError as error:
        raise _fault(Code.BAD_UTF8, path, "not UTF-8") from error
    except (SyntaxError, ValueError, KeyError, TypeError, ParserError, RecursionError) as error:
        raise _fault(Code.BAD_FORMAT, path, f"not {kind}: {type(error).__name__}") from error
    if len(graph) > MAX_TRIPLES:
        raise _fault(Code.TOO_LARGE, path, f"more than {MAX_TRIPLES} statements")
    return graph


def _refuse_remote(path: Path, content: Any) -> None:
    """Refuse what would make the parser fetch something, and what is too deep for it."""
    waiting = [(content, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _fault(Code.BAD_FORMAT, path, f"deeper than {MAX_DEPTH} levels")
        if isinstance(node, dict):
            contexts = node.get("@context", [])
            contexts = contexts if isinstance(contexts, list) else [contexts]
            if "@import" in node or any(isinstance(one, str) for one in contexts):
                message = "a context elsewhere is not fetched: put it into the file"
                raise _fault(Code.BAD_VALUE, path, message)
            waiting += [(value, depth + 1) for value in node.values()]
        elif isinstance(node, list):
            waiting += [(value, depth + 1) for value in node]


def _row(graph: Graph, service: Node, path: Path) -> Row:
    agency = _agency(graph, graph.value(service, CV.hasCompetentAuthority))
    event = _event(graph, _life_event(graph, service))
    return Row(
        id=_identifier(graph, service),
        title=_texts(graph, service, DCTERMS.title),
        description=_texts(graph, service, DCTERMS.description),
        evidence=_evidence(graph, service),
        keywords=_joined(sorted(_literals(graph, service, DCAT.keyword))),
        agency=agency.key,
        agency_name=agency.name,
        regional=agency.regional,
        life_event=event.key,
        life_event_name=event.name,
        audience=_identifier(graph, graph.value(service, DCTERMS.audience)),
        channel=_channel(graph, service),
        online_address=str(graph.value(service, FOAF.page) or ""),
        term_days=_days(graph, service, path),
        former_ids=tuple(
            sorted(_identifier(graph, one) for one in graph.subjects(DCTERMS.isReplacedBy, service))
        ),
    )


def _agency(graph: Graph, node: Node | None) -> Named:
    name = _texts(graph, node, SKOS.prefLabel, DCTERMS.title)
    regional = bool(graph.value(node, OURS.regional)) if node else False
    return Named(_identifier(graph, node), name, regional)


def _event(graph: Graph, node: Node | None) -> Named:
    return Named(_identifier(graph, node), _texts(graph, node, DCTERMS.title, SKOS.prefLabel))


def _days(graph: Graph, service: Node, path: Path) -> int:
    """Return a term, and refuse what is none: a slip must not take a term away in silence."""
    told = {str(one).strip() for one in graph.objects(service, OURS.termDays)} or {"0"}
    days = term_of(told.pop())
    if days is None or told:
        message = (
            f"{_identifier(graph, service)[:100]}: a term is 0 to {MAX_TERM_DAYS} working days"
        )
        raise _fault(Code.BAD_VALUE, path, message)
    return days


def _life_event(graph: Graph, service: Node) -> Node | None:
    """Return the first life event of a service; one of several, as ours has one."""
    events = sorted(graph.objects(service, CV.isGroupedBy), key=str)
    return next((one for one in events if (one, RDF.type, CV.LifeEvent) in graph), None)


def _channel(graph: Graph, service: Node) -> str:
    """Return online where one of its channels is: by identifier, type or address."""
    told = [
        " ".join([_identifier(graph, one), str(graph.value(one, DCTERMS.type) or "")]).lower()
        for one in graph.objects(service, CV.hasChannel)
    ]
    is_online = any(word in one for one in told for word in ONLINE_WORDS)
    return "online" if is_online else "in-person"


def _evidence(graph: Graph, service: Node) -> Mapping[str, str]:
    pieces = sorted(graph.objects(service, CPSV.hasInput), key=_by_number)
    return _joined(
        pair for one in pieces for pair in _texts(graph, one, DCTERMS.title, SKOS.prefLabel).items()
    )


def _by_number(node: Node) -> tuple[int, str]:
    found = _NUMBER.search(str(node))
    return (int(found[1]) if found else 0, str(node))


def _joined(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    told: dict[str, list[str]] = {}
    for language, text in pairs:
        told.setdefault(language, []).append(text)
    return {language: "; ".join(texts) for language, texts in told.items()}


def _identifier(graph: Graph, node: Node | None) -> str:
    """Return what a thing calls itself, or the end of its address."""
    if node is None:
        return ""
    given = str(graph.value(node, DCTERMS.identifier) or "").strip()
    return given or (re.split(r"[/#]", str(node))[-1] if isinstance(node, URIRef) else "")


def _texts(graph: Graph, node: Node | None, *properties: URIRef) -> Mapping[str, str]:
    """Return a text by language, from the first property that has one."""
    for one in properties:
        if node is not None and (told := sorted(_literals(graph, node, one), reverse=True)):
            return dict(told)
    return {}


def _literals(graph: Graph, node: Node, told: URIRef) -> Iterator[tuple[str, str]]:
    for value in graph.objects(node, told):
        if isinstance(value, Literal):
            yield (value.language or "").partition("-")[0], str(value)


def _heading(graph: Graph, path: Path) -> Heading:
    catalog = next(iter(sorted(graph.subjects(RDF.type, DCAT.Catalog), key=str)), None)
    places = sorted(graph.objects(catalog, DCTERMS.spatial), key=str) if catalog else []
    regions = (
        Region(_identifier(graph, one), _localized(_texts(graph, one, SKOS.prefLabel)))
        for one in places
    )

    def said(told: URIRef, otherwise: str) -> str:
        return str((catalog and graph.value(catalog, told)) or otherwise)

    return Heading(
        said(DCTERMS.title, f"Read from {path.name}"),
        said(DCTERMS.rights, "that of the file it was read from"),
        said(DCTERMS.description, f"Read from {path.name}; check what was made up."),
        tuple(region for region in regions if not region.name.is_empty),
        tuple(_known(graph, CV.PublicOrganisation, _agency)),
        tuple(_known(graph, CV.LifeEvent, _event)),
    )


def _known(graph: Graph, kind: URIRef, read: Callable[[Graph, Node], Named]) -> Iterator[Named]:
    """Give all things of a kind, also those that no service names."""
    for node in sorted(graph.subjects(RDF.type, kind), key=str):
        named = read(graph, node)
        if named.key or named.name:
            yield named


def _localized(told: Mapping[str, str]) -> LocalizedText:
    best = next((text for text in told.values() if text), "")
    return LocalizedText(*(told.get(language) or best for language in LANGUAGES))


def _fault(code: Code, path: Path, message: str) -> CatalogueError:
    return CatalogueError([Fault(code, f"{path.name}:1", message)])
