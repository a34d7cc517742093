"""What the register promises to those who hold it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.domain import (
    Agency,
    Bookmark,
    Catalogue,
    CatalogueError,
    Code,
    LocalizedText,
    PageTokenError,
    Question,
    compose,
)
from services.chassis.errors import NotFoundError
from tests.unit.catalog.conftest import draft, service, text


def codes(**changed: Any) -> list[Code]:
    with pytest.raises(CatalogueError) as caught:
        compose(draft(**changed))
    return [fault.code for fault in caught.value.faults]


def test_the_version_does_not_depend_on_the_order_of_entries() -> None:
    """Two people who write the same entries in other orders have the same version."""
    turned = {
        name: tuple(reversed(getattr(draft(), name)))
        for name in ("agencies", "regions", "life_events", "services")
    }

    assert compose(draft(**turned)).version == compose(draft()).version


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "Elsewhere"},
        {"agencies": (Agency("MIA", text("ministry"), True), *draft().agencies[1:])},
        {"services": (*draft().services, service("identity.new"))},
        {"services": (service("identity.passport", title=text("other")), *draft().services[1:])},
    ],
)
def test_any_change_of_content_is_another_version(changed: dict[str, Any]) -> None:
    """A version names one content only."""
    assert compose(draft(**changed)).version != compose(draft()).version


def test_the_version_of_a_content_never_changes(catalogue: Catalogue) -> None:
    """Versions are recorded in decisions for ever, so how they are made is fixed."""
    assert catalogue.version == "8cdd24465ef0461f172efdfd43a6a8b7a6e491684a99f6b226615f901bd425e0"


@pytest.mark.parametrize("texts", [{}, {"evidence": text("card"), "keywords": text("pass; trip")}])
def test_a_catalogue_comes_back_whole_from_its_canonical_content(
    texts: dict[str, LocalizedText],
) -> None:
    """What is kept of a version is enough to have it again, with the texts services may lack."""
    catalogue = compose(draft(services=(*draft().services, service("identity.visa", **texts))))

    again = Catalogue.from_canonical(catalogue.canonical())

    assert again == catalogue
    assert again.version == catalogue.version


def test_every_office_is_listed_once(catalogue: Catalogue) -> None:
    """Those who make feeds for offices learn all of them."""
    assert catalogue.offices() == ("akimat-10", "akimat-75", "MIA")


def test_the_share_online_counts_services(catalogue: Catalogue) -> None:
    """Three of four services are online."""
    assert catalogue.online_share == 0.75


def test_an_unknown_service_is_not_found(catalogue: Catalogue) -> None:
    """Asking for a service that is not there is told as such."""
    with pytest.raises(NotFoundError):
        catalogue.service("identity.nothing")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": ""}, Code.MISSING),
        ({"services": ()}, Code.NO_SERVICES),
        ({"regions": ()}, Code.NO_REGIONS),
        ({"services": (service("Passport"),)}, Code.BAD_ID),
        ({"services": (service(""),)}, Code.MISSING),
        ({"services": (service("a.b"), service("a.b"))}, Code.DUPLICATE_ID),
        ({"services": (service("a.b", agency="MIB"),)}, Code.UNKNOWN_AGENCY),
        ({"services": (service("a.b", life_event="hom"),)}, Code.UNKNOWN_LIFE_EVENT),
        ({"services": (service("a.b", title=LocalizedText()),)}, Code.MISSING),
        ({"services": (service("a.b", title=LocalizedText("k", "r")),)}, Code.MISSING_LANGUAGE),
        (
            {"services": (service("a.b", description=LocalizedText("k", "r")),)},
            Code.MISSING_LANGUAGE,
        ),
        ({"services": (service("a.b", title=text("a\0")),)}, Code.BAD_TEXT),
        ({"services": (service("a.b", title=text("a" * 501)),)}, Code.BAD_TEXT),
    ],
)
def test_a_draft_that_breaks_a_rule_is_refused(changed: dict[str, Any], code: Code) -> None:
    """Each rule has a code that programs may compare."""
    assert set(codes(**changed)) == {code}


def test_all_faults_are_told_at_once() -> None:
    """An editor mends a draft in one go."""
    services = (service("A"), service("a.b", agency="X"), service("a.b"))

    assert codes(services=services) == [Code.BAD_ID, Code.DUPLICATE_ID, Code.UNKNOWN_AGENCY]


def test_what_was_meant_is_suggested() -> None:
    """A slip of the pen is answered with the nearest word."""
    with pytest.raises(CatalogueError, match="did you mean AKIMAT"):
        compose(draft(services=(service("a.b", agency="AKIMT"),)))


def test_a_draft_full_of_faults_tells_the_first_fifty() -> None:
    """However broken the draft, the answer stays readable."""
    with pytest.raises(CatalogueError, match="more than 50") as caught:
        compose(draft(services=tuple(service(f"a.b{n}", agency="X") for n in range(60))))

    assert len(caught.value.faults) == 50


def test_a_catalogue_that_fits_no_answer_is_refused() -> None:
    """Whoever publishes learns it, not whoever asks for the catalogue later."""
    services = tuple(service(f"a.b{n}", title=text("a" * 490)) for n in range(2500))

    assert codes(services=services) == [Code.TOO_LARGE]


@given(st.text(max_size=200))
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    """Whatever somebody sends as a page token, the answer is the same error."""
    with pytest.raises(PageTokenError):
        Bookmark.of(token, Question())


def test_a_bookmark_comes_back_from_its_token() -> None:
    """A page goes on where the one before ended."""
    bookmark = Bookmark("0" * 64, Question("home", "MIA"), "housing.queue")

    assert Bookmark.of(bookmark.token(), bookmark.question) == bookmark
