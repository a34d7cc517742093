"""The vocabularies, and the forms a file may have."""

from typing import Final

from rdflib import DCAT, DCTERMS, SKOS, Namespace

CPSV: Final = Namespace("http://purl.org/vocab/cpsv#")
CV: Final = Namespace("http://data.europa.eu/m8g/")
OURS: Final = Namespace("https://qyzmet.kz/ns#")
BASE: Final = "https://qyzmet.kz/id/"
FORMATS: Final = {".ttl": "turtle", ".jsonld": "json-ld", ".json": "json-ld"}
PREFIXES: Final = {
    "cpsv": CPSV,
    "cv": CV,
    "dct": DCTERMS,
    "dcat": DCAT,
    "skos": SKOS,
    "qz": OURS,
}
