"""What the door of catalog promises to those who call."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.catalog.domain import Catalogue, CatalogueError, LocalizedText, compose
from services.catalog.store import save_folder
from services.chassis.errors import InvalidError, NotFoundError
from tests.unit.catalog.conftest import Client, draft, service

Start = Callable[[Path | None], Client]


@pytest.fixture
def catalog(start: Start, folder: Path) -> Client:
    return start(folder)


def ids(response: pb.ListServicesResponse) -> list[str]:
    return [service.id for service in response.services]


def test_services_are_found_by_words_in_any_language(
    start: Start, folder: Path, tmp_path: Path
) -> None:
    """By beginnings, and whatever the ending; in titles, in words people use, by the agency."""
    passport = service(
        "identity.passport",
        title=LocalizedText(kk="Паспорт беру", ru="Выдача паспорта", en="Issue a passport"),
        keywords=LocalizedText(kk="төлқұжат", ru="загранпаспорт; документ", en="travel document"),
    )
    card = service("identity.id-card", title=LocalizedText("Жеке куәлік", "Удостоверение", "Card"))
    found = tmp_path / "found"
    save_folder(compose(draft(services=(passport, card))), found)
    catalog = start(found)

    for query in ("паспорты", "ПАСПОРТ беру", "төлқұжаты", "travel pass", "документы ministry"):
        assert ids(catalog.call("ListServices", query=query)) == ["identity.passport"], query
    assert ids(catalog.call("ListServices", query="ministry")) == [
        "identity.id-card",
        "identity.passport",
    ]
    assert ids(catalog.call("ListServices", query="паспорт балық")) == []


def test_a_search_goes_on_as_it_began(catalog: Client) -> None:
    """A token is good for the words it was given with."""
    first = catalog.call("ListServices", query="ministry", page_size=1)
    second = catalog.call(
        "ListServices", query="ministry", page_size=1, page_token=first.next_page_token
    )

    assert ids(first) != ids(second) != []
    with pytest.raises(InvalidError):
        catalog.call("ListServices", query="akimat", page_token=first.next_page_token)


def test_a_search_has_an_end(catalog: Client) -> None:
    """Nobody sends a letter as a search."""
    with pytest.raises(InvalidError) as refusal:
        catalog.call("ListServices", query="a" * 101)

    assert refusal.value.field == "query"


def test_the_catalogue_is_given_whole(catalog: Client, catalogue: Catalogue) -> None:
    """Whoever keeps a copy gets everything, in order, under its version."""
    given = catalog.call("GetCatalogue").catalogue

    assert given.version == catalogue.version
    assert [agency.code for agency in given.agencies] == ["AKIMAT", "MIA"]
    assert [region.code for region in given.regions] == ["10", "75"]
    assert [event.slug for event in given.life_events] == ["documents", "home"]
    assert len(given.services) == 4
    assert given.licence == "Apache-2.0"


def test_whoever_has_the_version_gets_an_empty_answer(
    catalog: Client, catalogue: Catalogue
) -> None:
    """Asking often costs little."""
    assert not catalog.call("GetCatalogue", known_version=catalogue.version).HasField("catalogue")


def test_whoever_has_another_version_gets_the_catalogue(
    catalog: Client, catalogue: Catalogue
) -> None:
    """A copy that is out of date is replaced."""
    given = catalog.call("GetCatalogue", known_version="0" * 64).catalogue

    assert given.version == catalogue.version


def test_a_version_never_published_is_not_found(catalog: Client) -> None:
    """Nothing is made up for an unknown version."""
    with pytest.raises(NotFoundError) as caught:
        catalog.call("GetCatalogue", version="0" * 64)

    assert caught.value.reason == "UNKNOWN_VERSION"


def test_a_version_that_was_replaced_can_still_be_had(
    start: Start, folder: Path, catalogue: Catalogue
) -> None:
    """A decision of yesterday is read with yesterday's catalogue."""
    start(folder)
    save_folder(compose(draft(services=(service("identity.passport"),))), folder)
    catalog = start(folder)

    assert catalog.version() != catalogue.version
    given = catalog.call("GetCatalogue", version=catalogue.version).catalogue
    assert (given.version, len(given.services)) == (catalogue.version, 4)


def test_a_service_is_given_with_all_that_is_known(catalog: Client) -> None:
    """The channel of today and the regional rule travel with the service."""
    given = catalog.call("GetService", service_id="housing.queue").service

    assert given.title.kk == "housing.queue kk"
    assert (given.agency, given.life_event, given.regional) == ("AKIMAT", "home", True)
    assert given.channel == pb.CHANNEL_ONLINE
    assert given.audience == pb.AUDIENCE_CITIZEN
    assert not given.HasField("description")


def test_an_unknown_service_is_not_found(catalog: Client) -> None:
    """The caller learns what there is not."""
    with pytest.raises(NotFoundError) as caught:
        catalog.call("GetService", service_id="housing.nothing")

    assert caught.value.reason == "UNKNOWN_SERVICE"


def test_pages_together_are_the_whole_list(catalog: Client) -> None:
    """Every service is shown once, in the order of ids."""
    first = catalog.call("ListServices", page_size=3)
    second = catalog.call("ListServices", page_size=3, page_token=first.next_page_token)

    assert ids(first) == ["housing.address", "housing.queue", "identity.id-card"]
    assert ids(second) == ["identity.passport"]
    assert second.next_page_token == ""


def test_a_page_that_ends_with_the_list_is_the_last(catalog: Client) -> None:
    """Nobody has to fetch an empty page to know."""
    assert catalog.call("ListServices", page_size=4).next_page_token == ""


def test_a_list_can_be_of_a_life_event_and_an_agency(catalog: Client) -> None:
    """Both filters hold together, on every page."""
    assert ids(catalog.call("ListServices", life_event="home")) == [
        "housing.address",
        "housing.queue",
    ]
    assert ids(catalog.call("ListServices", life_event="home", agency="MIA")) == ["housing.address"]


def test_a_list_goes_on_in_the_version_it_began_in(
    start: Start, folder: Path, catalogue: Catalogue
) -> None:
    """A new version between two pages neither hides nor repeats a service."""
    token = start(folder).call("ListServices", page_size=3).next_page_token
    save_folder(compose(draft(services=(service("identity.new"),))), folder)

    second = start(folder).call("ListServices", page_size=3, page_token=token)

    assert ids(second) == ["identity.passport"]
    assert second.catalogue_version == catalogue.version


def test_a_token_of_another_question_is_refused(catalog: Client) -> None:
    """A token goes with the filters it was given for."""
    token = catalog.call("ListServices", page_size=1, life_event="home").next_page_token

    with pytest.raises(InvalidError) as caught:
        catalog.call("ListServices", page_size=1, page_token=token)

    assert (caught.value.reason, caught.value.field) == ("PAGE_TOKEN", "page_token")


@pytest.mark.parametrize("size", [-1, 501])
def test_a_page_of_an_impossible_size_is_refused(catalog: Client, size: int) -> None:
    """The caller learns the limit instead of getting another size."""
    with pytest.raises(InvalidError) as caught:
        catalog.call("ListServices", page_size=size)

    assert (caught.value.reason, caught.value.field) == ("PAGE_SIZE", "page_size")


def test_a_catalogue_with_faults_stops_the_start(start: Start, folder: Path) -> None:
    """An operator hears of it, even where an earlier version was published."""
    start(folder)
    (folder / "services/identity.yaml").write_text("- id: [\n", "utf-8")

    with pytest.raises(CatalogueError, match=r"services/identity\.yaml:2"):
        start(folder)


def test_the_bundled_catalogue_is_served_where_none_is_named(start: Start) -> None:
    """The product runs without any setting, and its catalogue fits one answer."""
    assert len(start(None).call("GetCatalogue").catalogue.services) == 300
