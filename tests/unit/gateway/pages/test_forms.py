"""Forms come from our own pages, from the browser they were made for, or not at all."""

import httpx
import pytest

from tests.unit.gateway.pages.conftest import Visitor

FORM = "/en/sign-out"


def test_a_form_of_ours_is_taken(visitor: Visitor) -> None:
    """With the mark of the page it stood on."""
    assert visitor.send(FORM).status_code == 303


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1"])
def test_a_form_from_elsewhere_is_refused(visitor: Visitor, origin: str) -> None:
    """Another site cannot send what somebody did not press."""
    answer = visitor.send(FORM, origin=origin)

    assert answer.status_code == 403
    assert "This form is too old" in answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_the_browser_says_of_a_form_counts(visitor: Visitor, site: str) -> None:
    """Where it tells that another site sent it, whatever else is right."""
    answer = visitor.client.post(
        FORM, data={"form": visitor.mark()}, headers={"Sec-Fetch-Site": site}
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("mark", ["", "nonsense"])
def test_a_form_without_its_mark_is_refused(visitor: Visitor, mark: str) -> None:
    """A page of ours would have put it there."""
    visitor.get("/en/demo-sign-in")

    assert visitor.client.post(FORM, data={"form": mark}).status_code == 403


def test_a_mark_of_another_browser_is_refused(visitor: Visitor, address: str) -> None:
    """Somebody who gets a mark for themselves cannot make others send it."""
    with httpx.Client(base_url=f"http://{address}") as other:
        stolen = Visitor(other).mark()
    visitor.get("/en/demo-sign-in")

    assert visitor.client.post(FORM, data={"form": stolen}).status_code == 403


def test_a_form_of_a_thousand_fields_is_refused(visitor: Visitor) -> None:
    """No page of ours has so many."""
    fields = {f"field{number}": "" for number in range(1000)}

    assert visitor.send(FORM, **fields).status_code == 400
