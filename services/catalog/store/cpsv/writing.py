"""Writes CPSV-AP as Turtle or JSON-LD."""

import re
from collections.abc import Iterator
from pathlib import Path

from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, Graph, Literal, Namespace, URIRef

from services.catalog.domain import Catalogue, LocalizedText, Retired, Service
from services.catalog.domain.register import LANGUAGES
from services.catalog.store.cpsv.words import BASE, CPSV, CV, FORMATS, OURS, PREFIXES

_PARTS = re.compile(r"\s*;\s*")


def write(catalogue: Catalogue, path: Path, base: str = BASE) -> None:
    """Write a catalogue in the form that the file's name ends in."""
    kind = FORMATS[path.suffix]
    graph = _graph(catalogue, base)
    if kind == "json-ld":
        context = {prefix: str(namespace) for prefix, namespace in PREFIXES.items()}
        text = graph.serialize(format=kind, context=context, auto_compact=False, indent=1)
    else:
        text = graph.serialize(format=kind)
    path.write_text(text, "utf-8", newline="\n")


def _graph(catalogue: Catalogue, base: str) -> Graph:
    graph = Graph()
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    told = _Statements(graph, Namespace(base))
    told.heading(catalogue)
    for agency in catalogue.agencies:
        node = told.thing("agency", agency.code, CV.PublicOrganisation, SKOS.prefLabel, agency.name)
        graph.add((node, OURS.regional, Literal(agency.regional)))
    for event in catalogue.life_events:
        told.thing("life-event", event.slug, CV.LifeEvent, DCTERMS.title, event.name)
    for service in catalogue.services:
        told.service(service)
    for one in catalogue.retired:
        told.retired(one)
    return graph


class _Statements:
    """Says of each thing of a register what the vocabulary has words for."""

    def __init__(self, graph: Graph, base: Namespace) -> None:
        self._graph = graph
        self._base = base

    def heading(self, catalogue: Catalogue) -> None:
        """Say of the register what it is, and which regions it knows."""
        node = self._base["catalogue"]
        self._graph.add((node, RDF.type, DCAT.Catalog))
        for told, text in (
            (DCTERMS.title, catalogue.name),
            (DCTERMS.rights, catalogue.licence),
            (DCTERMS.description, catalogue.origin),
        ):
            self._graph.add((node, told, Literal(text)))
        for one in catalogue.regions:
            region = self.thing("region", one.code, DCTERMS.Location, SKOS.prefLabel, one.name)
            self._graph.add((node, DCTERMS.spatial, region))

    def thing(
        self, kind: str, key: str, type_: URIRef, naming: URIRef, name: LocalizedText
    ) -> URIRef:
        """Say what something is, its key and its name in three languages."""
        node = self._base[f"{kind}/{key}"]
        self._graph.add((node, RDF.type, type_))
        self._graph.add((node, DCTERMS.identifier, Literal(key)))
        self._texts(node, naming, name)
        return node

    def service(self, service: Service) -> None:
        """Say everything of a service."""
        node = self.thing("service", service.id, CPSV.PublicService, DCTERMS.title, service.title)
        self._texts(node, DCTERMS.description, service.description)
        for language, text in _by_language(service.keywords):
            for one in filter(None, _PARTS.split(text)):
                self._graph.add((node, DCAT.keyword, Literal(one, lang=language)))
        self._evidence(node, service.evidence)
        graph, base = self._graph, self._base
        graph.add((node, CV.hasCompetentAuthority, base[f"agency/{service.agency}"]))
        graph.add((node, CV.isGroupedBy, base[f"life-event/{service.life_event}"]))
        channel, audience = base[f"channel/{service.channel}"], base[f"audience/{service.audience}"]
        graph.add((node, CV.hasChannel, channel))
        graph.add((channel, RDF.type, CV.Channel))
        graph.add((channel, DCTERMS.identifier, Literal(service.channel.value)))
        if service.online_address:
            graph.add((node, FOAF.page, URIRef(service.online_address)))
        if service.term_days:
            graph.add((node, OURS.termDays, Literal(service.term_days)))
        graph.add((node, DCTERMS.audience, audience))
        graph.add((audience, DCTERMS.identifier, Literal(service.audience.value)))

    def retired(self, one: Retired) -> None:
        """Say which service took the place of an id that stopped."""
        node = self._base[f"service/{one.id}"]
        self._graph.add((node, DCTERMS.identifier, Literal(one.id)))
        self._graph.add((node, DCTERMS.isReplacedBy, self._base[f"service/{one.successor_id}"]))

    def _evidence(self, service: URIRef, told: LocalizedText) -> None:
        for language, text in _by_language(told):
            for number, one in enumerate(filter(None, _PARTS.split(text)), start=1):
                node = URIRef(f"{service}/evidence/{number}")
                self._graph.add((service, CPSV.hasInput, node))
                self._graph.add((node, RDF.type, CV.Evidence))
                self._graph.add((node, DCTERMS.title, Literal(one, lang=language)))

    def _texts(self, node: URIRef, told: URIRef, text: LocalizedText) -> None:
        for language, words in _by_language(text):
            self._graph.add((node, told, Literal(words, lang=language)))


def _by_language(text: LocalizedText) -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        if words := getattr(text, language):
            yield language, words
