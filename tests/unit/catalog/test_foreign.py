"""What becomes of registers that others keep, and what others find in ours."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from services.catalog.domain import (
    Agency,
    Catalogue,
    CatalogueError,
    Channel,
    Code,
    LifeEvent,
    Retired,
    compose,
)
from services.catalog.store import bundled_folder, cpsv, foreign, read_folder, sheet
from services.catalog.store.cpsv.words import BASE, CPSV, CV
from services.catalog.store.foreign import EVERYWHERE, Heading, Row, adapt
from tests.unit.catalog.conftest import draft, service, text, with_words_in_order

HEADING = Heading("A register", "CC0", "Somebody's")
RDF_SUFFIXES = [".ttl", ".jsonld", ".json"]
FULL = compose(
    draft(
        services=(
            service(
                "identity.passport",
                description=text("about"),
                evidence=text("card; photo"),
                term_days=7,
            ),
            service("housing.queue", agency="AKIMAT", life_event="home", keywords=text("a; b")),
        ),
        retired=(
            Retired("identity.old-paper", "identity.passport"),
            Retired("identity.older-paper", "identity.passport"),
        ),
    )
)
TURTLE = """
@prefix cpsv: <http://purl.org/vocab/cpsv#> . @prefix cv: <http://data.europa.eu/m8g/> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://els.where/ps/17> a cpsv:PublicService ; dct:identifier "PS-17" ;
  dct:title "Permis de conduire"@fr, "Driving licence"@en-GB ;
  cv:hasCompetentAuthority <https://els.where/org/dvla> ;
  cv:hasChannel [ a cv:Channel ; dct:type <https://els.where/channel/homepage> ] .
<https://els.where/org/dvla> a cv:PublicOrganisation ; skos:prefLabel "Driver Agency"@en .
"""
TERM = "<https://qyzmet.kz/ns#termDays>"


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, "utf-8")
    return path


def refused(path: Path) -> Code:
    """Return the code by which a file is refused."""
    with pytest.raises(CatalogueError) as caught:
        cpsv.read(path) if path.suffix != ".csv" else list(sheet.read_rows(path, {}))
    return caught.value.faults[0].code


def through_rdf(catalogue: Catalogue, path: Path) -> Catalogue:
    cpsv.write(catalogue, path)
    return compose(adapt(*cpsv.read(path)).draft)


def through_csv(catalogue: Catalogue, path: Path) -> Catalogue:
    sheet.write(catalogue, path)
    heading = Heading(catalogue.name, catalogue.licence, catalogue.origin, catalogue.regions)
    return compose(adapt(sheet.read_rows(path, {}), heading).draft)


@pytest.mark.parametrize("suffix", RDF_SUFFIXES)
def test_a_catalogue_comes_back_from_cpsv_ap(tmp_path: Path, suffix: str) -> None:
    """Every text, key, term, office, region and id that stopped, to the last byte."""
    assert through_rdf(FULL, tmp_path / f"register{suffix}").version == FULL.version


def test_a_catalogue_comes_back_from_a_table(tmp_path: Path) -> None:
    """With the regions of the catalogue that is written over."""
    assert through_csv(FULL, tmp_path / "register.csv").version == FULL.version


def test_the_bundled_catalogue_comes_back(tmp_path: Path) -> None:
    """All 300 services, from each form; RDF keeps no order of keywords."""
    bundled = read_folder(bundled_folder())

    read = through_rdf(bundled, tmp_path / "register.ttl")
    assert with_words_in_order(read) == with_words_in_order(bundled)
    assert through_csv(bundled, tmp_path / "register.csv") == bundled


@pytest.mark.parametrize("suffix", RDF_SUFFIXES)
def test_who_has_no_service_yet_comes_back_too(tmp_path: Path, suffix: str) -> None:
    """An agency and a life event that no service names are part of a register in RDF."""
    known = draft()
    extra = replace(
        known,
        agencies=(*known.agencies, Agency("NEW", text("a new agency"), regional=True)),
        life_events=(*known.life_events, LifeEvent("birth", text("a child is born"))),
    )
    read = through_rdf(compose(extra), tmp_path / f"register{suffix}")

    assert read.version == compose(extra).version


def test_turtle_and_json_ld_say_the_same(tmp_path: Path) -> None:
    """One graph in two forms."""
    turtle, json_ld = tmp_path / "register.ttl", tmp_path / "register.jsonld"
    for path in (turtle, json_ld):
        cpsv.write(FULL, path)

    assert isomorphic(Graph().parse(turtle), Graph().parse(json_ld))


def test_others_find_the_terms_they_know(tmp_path: Path) -> None:
    """What CPSV-AP calls mandatory, and what a portal shows."""
    path = tmp_path / "register.ttl"
    cpsv.write(FULL, path)
    graph, passport = Graph().parse(path), URIRef(f"{BASE}service/identity.passport")

    assert (passport, RDF.type, CPSV.PublicService) in graph
    assert (passport, DCTERMS.identifier, Literal("identity.passport")) in graph
    assert (passport, DCTERMS.title, Literal("identity.passport kk", lang="kk")) in graph
    kinds = {
        CV.hasCompetentAuthority: CV.PublicOrganisation,
        CV.isGroupedBy: CV.LifeEvent,
        CV.hasChannel: CV.Channel,
        CPSV.hasInput: CV.Evidence,
    }
    for told, kind in kinds.items():
        assert {graph.value(one, RDF.type) for one in graph.objects(passport, told)} == {kind}


def test_a_foreign_register_becomes_a_catalogue(tmp_path: Path) -> None:
    """Keys are made anew, missing languages filled, and both counted."""
    adapted = adapt(*cpsv.read(written(tmp_path, "theirs.ttl", TURTLE)))

    found = compose(adapted.draft)
    (one,) = found.services
    assert (one.id, one.title.kk, one.channel) == (
        "service.ps-17",
        "Driving licence",
        Channel.ONLINE,
    )
    assert [agency.name.ru for agency in found.agencies] == ["Driver Agency"]
    assert found.regions == (EVERYWHERE,)
    assert (adapted.filled, adapted.renamed) == (2, 2)


def test_an_id_that_stopped_is_no_service_of_others(tmp_path: Path) -> None:
    """It is replaced, in a word that every vocabulary knows."""
    path = tmp_path / "register.ttl"
    cpsv.write(FULL, path)
    graph, gone = Graph().parse(path), URIRef(f"{BASE}service/identity.old-paper")

    assert graph.value(gone, RDF.type) is None
    assert graph.value(gone, DCTERMS.isReplacedBy) == URIRef(f"{BASE}service/identity.passport")


CONTEXTS = [
    {"@context": "https://els.where/context.jsonld"},
    {"@context": [{}, "https://els.where/context.jsonld"]},
    {"@context": {"@import": "https://els.where/context.jsonld"}},
    {"@context": {"a": {"@id": "urn:a", "@context": "https://els.where/context.jsonld"}}},
    {"@graph": [{"@context": "file:///etc/passwd"}]},
]


@pytest.mark.parametrize("content", CONTEXTS)
def test_a_context_elsewhere_is_refused(tmp_path: Path, content: dict[str, object]) -> None:
    """Reading a file fetches nothing."""
    assert refused(written(tmp_path, "theirs.jsonld", json.dumps(content))) is Code.BAD_VALUE


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.ttl", "this is no turtle", Code.BAD_FORMAT),
        ("a.ttl", "@prefix : <urn:a> . :a :b " + "(" * 5000, Code.BAD_FORMAT),
        ("a.jsonld", "[" * 100_000, Code.BAD_FORMAT),
        ("a.jsonld", "[" * 100 + "]" * 100, Code.BAD_FORMAT),
        ("a.jsonld", "{}", Code.NO_SERVICES),
        ("a.csv", "id,name\n1,b\n", Code.MISSING),
        ("a.csv", "title\n" + "x" * 200_000, Code.BAD_VALUE),
        ("a.csv", "title,term_days\nпаспорт,7 дней\n", Code.BAD_VALUE),
        ("a.csv", "title,term_days\nпаспорт,1001\n", Code.BAD_VALUE),
        *(
            ("a.ttl", TURTLE + f"<https://els.where/ps/17> {TERM} {told} .", Code.BAD_VALUE)
            for told in ("30.0", '"P30D"', "1001", "30, 40")
        ),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: str, code: Code) -> None:
    """By a code, and without a traceback."""
    assert refused(written(tmp_path, name, content)) is code


@pytest.mark.parametrize("name", ["a.ttl", "a.csv"])
def test_files_are_bounded(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser of a large file would take the memory of the machine."""
    monkeypatch.setattr("services.catalog.store.cpsv.reading.MAX_FILE_BYTES", 10)
    monkeypatch.setattr(sheet, "MAX_FILE_BYTES", 10)

    assert refused(written(tmp_path, name, "title\n" + "a" * 10)) is Code.FILE_TOO_LARGE


def test_what_is_not_utf_8_is_told(tmp_path: Path) -> None:
    """In a table and in a graph."""
    for name in ("a.csv", "a.ttl"):
        (tmp_path / name).write_bytes("title\nпаспорт".encode("cp1251"))

        assert refused(tmp_path / name) is Code.BAD_UTF8


def test_columns_of_a_table_are_named_by_who_knows_them(tmp_path: Path) -> None:
    """A field without a column of its own name is told where it stands."""
    path = written(tmp_path, "a.csv", "Наименование,Орган\nВыдача паспорта,МВД\n")

    (row,) = sheet.read_rows(path, {"title_ru": "Наименование", "agency": "Орган"})

    assert (row.title, row.agency) == ({"ru": "Выдача паспорта"}, "МВД")


@pytest.mark.parametrize("columns", [{"titel": "title"}, {"title_ru": "Наименование"}])
def test_a_column_that_is_not_there_is_refused(tmp_path: Path, columns: dict[str, str]) -> None:
    """A slip must not drop a field in silence."""
    path = written(tmp_path, "a.csv", "title\nпаспорт\n")

    with pytest.raises(CatalogueError):
        list(sheet.read_rows(path, columns))


def test_services_of_one_name_get_ids_of_their_own() -> None:
    """In whatever script the name is written."""
    rows = [Row(title={"ru": "Паспорт"}, agency="МВД"), Row(id="?", title={"ru": "Паспорт"})]

    adapted = adapt([*rows, Row(id="x y", title={"ru": "Паспорт"})], HEADING)

    ids = [one.id for one in adapted.draft.services]
    assert len(set(ids)) == len(ids)
    assert all(id_.startswith("service.") for id_ in ids)


def test_an_agency_is_one_however_often_it_is_named() -> None:
    """Its code is made once."""
    rows = [Row(id=f"a.s{n}", title={"": "x"}, agency="Ministry of Roads") for n in range(3)]

    assert [one.code for one in adapt(rows, HEADING).draft.agencies] == ["AMINISTRYOFROADS"]


@pytest.mark.parametrize(
    ("words", "slug"),
    [("Жеке куәлік №5", "zheke-kualik-no5"), ("7 days", "s-7-days"), ("—", "")],
)
def test_a_slug_is_readable(words: str, slug: str) -> None:
    """Lower-case letters, digits and dashes, and a letter first."""
    assert foreign.slug(words) == slug
