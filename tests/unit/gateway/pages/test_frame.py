"""What holds for every page."""

import re
from collections.abc import Callable

import pytest

from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor

ANY_PAGE = "/ru/sign-in"


def test_a_page_may_load_from_here_and_do_nothing_else(visitor: Visitor) -> None:
    """No styles or scripts in the page, nothing from elsewhere, and nobody frames it."""
    policy = visitor.get(ANY_PAGE).headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_page_is_nobodys_frame_and_no_other_type(visitor: Visitor) -> None:
    """For browsers that do not know the policy."""
    headers = visitor.get(ANY_PAGE).headers

    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"


def test_no_address_of_ours_is_told_to_others(visitor: Visitor) -> None:
    """The address of a case is for whoever has it."""
    assert visitor.get(ANY_PAGE).headers["referrer-policy"] == "same-origin"


def test_a_page_is_not_kept_by_anybody_between(visitor: Visitor) -> None:
    """What one person sees is for them."""
    assert visitor.get(ANY_PAGE).headers["cache-control"] == "no-store"


def test_a_page_has_its_landmarks(visitor: Visitor) -> None:
    """A way past the head, one heading of the first level, and parts that have names."""
    page = visitor.get(ANY_PAGE).text

    assert page.index('class="skip" href="#main"') < page.index("<header")
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert all(f"<{part}" in page for part in ("header", "nav", "main", "footer"))
    assert 'name="viewport"' in page


@pytest.mark.parametrize("number", ["101", "102", "103", "104", "112"])
def test_every_page_tells_whom_to_call_in_danger(visitor: Visitor, number: str) -> None:
    """Pages of errors too."""
    assert f'href="tel:{number}"' in visitor.get("/kk/nowhere").text


def test_a_page_comes_compressed(visitor: Visitor) -> None:
    """Words are most of it."""
    assert (
        visitor.get(ANY_PAGE, **{"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    )


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.OFFICER, "/office"),
        (Role.TRIAGE_OFFICER, "/triage"),
        (Role.CATALOGUE_STEWARD, "/steward"),
        (Role.ANALYST, "/analyst"),
        (Role.MODEL_STEWARD, "/analyst"),
        (Role.ADMINISTRATOR, "/analyst"),
    ],
)
def test_who_works_here_begins_at_their_work(
    visit_as: Callable[..., Visitor], role: Role, path: str
) -> None:
    """The page that asks citizens what they need is nothing that they could send."""
    answer = visit_as(role, "MIA").get("/ru/")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/ru{path}")


def test_a_citizen_begins_at_the_question(visit_as: Callable[..., Visitor]) -> None:
    """Signed in too."""
    assert visit_as(Role.CITIZEN).get("/ru/").status_code == 200


def test_the_name_of_the_site_leads_home(visitor: Visitor) -> None:
    """In the language of the page."""
    assert '<a class="name" href="/ru/">' in visitor.get(ANY_PAGE).text
