"""The pages of those who sort, in a real browser."""

import pytest
from playwright.sync_api import expect

from services.chassis.principal import Role
from tests.browser.conftest import Open
from tests.browser.desk import PASSPORT, Desk
from tests.browser.people import Visitor, each_way
from tests.browser.test_officer import (
    HOSTILE,
    in_each_language,
    in_queue,
    open_part,
    with_and_without,
)


@pytest.fixture
def sorter(opened: Open) -> Visitor:
    """Sign in somebody who sorts."""
    visitor = opened()
    visitor.sign_in("triage officer")
    return visitor


def at_case(visitor: Visitor, case: dict[str, str]) -> None:
    visitor.go(f"/triage/cases/{case['id']}")


@in_each_language
def test_every_page_of_triage_is_for_everybody(opened: Open, desk: Desk, language: str) -> None:
    """To eyes and to screen readers, light and dark, on every width."""
    case = desk.waiting()
    desk.town.one(Role.TRIAGE_OFFICER).post(f"/v1/cases/{case['id']}:open", {"take_over": False})
    visitor = opened(language)
    visitor.sign_in("triage officer")
    visitor.go("/triage")
    visitor.look("triage-queue")
    visitor.go("/triage?view=late")
    visitor.look("triage-empty")
    at_case(visitor, case)
    visitor.look("triage-case")
    visitor.go(f"/triage/cases/{case['id']}?find=паспорт")
    open_part(visitor, "nothing")
    open_part(visitor, "split")
    visitor.look("triage-forms")


@in_each_language
@with_and_without
def test_a_case_is_sorted_by_one_press(
    opened: Open, desk: Desk, language: str, scripts: bool
) -> None:
    """By a service found in any language."""
    case = desk.waiting()
    visitor = opened(language, scripts=scripts)
    page = visitor.page
    visitor.sign_in("triage officer")
    visitor.go("/triage?view=all")
    visitor.follow(in_queue(visitor, case))

    page.locator("#find").fill("загранпаспорт")
    visitor.enter(page.locator("#find"))
    visitor.follow(page.locator(f'button[value="{PASSPORT}"]').first)

    expect(page.locator("[role=status]")).to_contain_text(case["number"])
    assert desk.officer().case(case["id"])["state"] == "routed"


def test_what_the_ai_thinks_of_is_one_press_away(sorter: Visitor, desk: Desk) -> None:
    """Best first, each with how sure it is, in words and per cent."""
    case = desk.waiting()
    at_case(sorter, case)
    offered = sorter.page.locator(".choices").first.locator("button")
    best = desk.town.administrator().case(case["id"])["decision"]["alternatives"]
    shown = [one.get_attribute("value") for one in offered.all()]

    assert shown == [one["service_id"] for one in best][: len(shown)]
    assert len(shown) >= 2
    assert all("%" in one.inner_text() for one in offered.all())


@each_way(plain="kk")
def test_that_no_service_fits_is_said_in_two_strokes(
    opened: Open, desk: Desk, language: str, scripts: bool
) -> None:
    """The citizen is told."""
    case = desk.waiting()
    visitor = opened(language, scripts=scripts)
    visitor.sign_in("triage officer")
    at_case(visitor, case)

    open_part(visitor, "nothing")
    visitor.follow(visitor.page.locator("#nothing button"))

    expect(visitor.page.locator("[role=status]")).to_contain_text(case["number"])
    assert desk.town.administrator().case(case["id"])["state"] == "completed"


@each_way(plain="ru")
def test_a_part_is_split_off(opened: Open, desk: Desk, language: str, scripts: bool) -> None:
    """It becomes a case of its own."""
    case = desk.waiting()
    sorter = opened(language, scripts=scripts)
    sorter.sign_in("triage officer")
    at_case(sorter, case)

    open_part(sorter, "split")
    sorter.page.locator("#split-text").fill("Жол шұңқыры")
    sorter.follow(sorter.page.locator("#split form > p > button"))

    expect(sorter.page.locator("[role=status]")).to_be_visible()
    assert len(desk.town.administrator().case(case["id"])["child_ids"]) == 1


def test_a_region_is_asked_for_where_an_akimat_is_to_handle_it(sorter: Visitor, desk: Desk) -> None:
    """Nothing is lost: the region is named, and the same press sends it."""
    case = desk.waiting()
    catalogue = desk.town.anonymous.get("/v1/services", agency="AKIMAT", page_size=1).json()
    service = catalogue["services"][0]
    sorter.go(f"/triage/cases/{case['id']}?find={service['title']['ru']}")
    press = sorter.page.locator(f'button[value="{service["id"]}"]').first

    sorter.follow(press)
    assert sorter.page.locator("#region").get_attribute("aria-invalid") == "true"
    sorter.page.locator("#region").select_option("75")
    sorter.follow(press)

    expect(sorter.page.locator("[role=status]")).to_contain_text(case["number"])
    assert desk.town.administrator().case(case["id"])["office"] == "akimat-75"


def test_whoever_sorts_second_is_told(sorter: Visitor, desk: Desk) -> None:
    """By whom it was sorted, and where it is."""
    case = desk.waiting()
    at_case(sorter, case)
    other = desk.town.one(Role.TRIAGE_OFFICER)
    other.act(case["id"], "assign", service_id=PASSPORT)

    sorter.follow(sorter.page.locator(".choices button").first)

    assert sorter.page.locator("[role=alert] li").count() == 1
    assert "a triage officer" in sorter.page.locator("[role=alert]").inner_text()
    sorter.look("triage-conflict")


def test_digits_lead_to_services(sorter: Visitor, desk: Desk) -> None:
    """And Enter sends the case there, so that no single key does; whatever layout is on."""
    case = desk.waiting()
    at_case(sorter, case)
    choices = sorter.page.locator(".choices button")

    sorter.strike(".", "Slash")  # Russian: where the slash is
    expect(sorter.page.locator("#find")).to_be_focused()
    sorter.page.locator("h1").click()
    sorter.strike(",", "Slash", shift=True)
    expect(sorter.page.locator("#keys[open]")).to_be_visible()
    sorter.strike('"', "Digit1")  # Kazakh: signs and letters in place of digits
    expect(choices.nth(0)).to_be_focused()
    sorter.page.keyboard.press("2")
    expect(choices.nth(1)).to_be_focused()
    sorter.page.keyboard.press("1")
    expect(choices.nth(0)).to_be_focused()
    sorter.strike("ә", "Digit2")
    expect(choices.nth(1)).to_be_focused()
    sorter.page.keyboard.press("Enter")

    expect(sorter.page.locator("[role=status]")).to_contain_text(case["number"])


def test_a_hostile_text_is_only_a_text(sorter: Visitor, desk: Desk) -> None:
    """Nothing of it is run, nothing of it is markup."""
    case = desk.waiting(f"{HOSTILE} 870112345678")
    at_case(sorter, case)

    assert "<script>" in sorter.page.locator(".said").inner_text()
    assert sorter.page.title() != "taken"
    assert sorter.page.locator("h1").count() == 1
