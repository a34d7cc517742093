"""The pages of those who sort, in a real browser."""

import pytest
from playwright.sync_api import expect

from services.chassis.principal import Role
from tests.browser.conftest import Open
from tests.browser.desk import PASSPORT, Desk
from tests.browser.people import Visitor, each_way, scripted
from tests.browser.test_officer import HOSTILE, in_queue, open_part


@pytest.fixture
def sorter(opened: Open, language: str, scripts: bool) -> Visitor:
    """Sign in somebody who sorts, in the way of the test."""
    return opened(language, "triage officer", scripts=scripts)


def at_case(visitor: Visitor, case: dict[str, str]) -> None:
    visitor.go(f"/triage/cases/{case['id']}")


@scripted
def test_every_page_of_triage_is_for_everybody(sorter: Visitor, desk: Desk) -> None:
    """To eyes and to screen readers, light and dark, on every width."""
    case = desk.waiting()
    desk.town.one(Role.TRIAGE_OFFICER).post(f"/v1/cases/{case['id']}:open", {"take_over": False})
    sorter.go("/triage")
    sorter.look("triage-queue")
    sorter.go("/triage?view=late")
    sorter.look("triage-empty")
    at_case(sorter, case)
    sorter.look("triage-case")
    sorter.go(f"/triage/cases/{case['id']}?find=паспорт")
    open_part(sorter, "nothing")
    open_part(sorter, "split")
    sorter.look("triage-forms")


@each_way
def test_a_case_is_sorted_by_one_press(sorter: Visitor, desk: Desk) -> None:
    """By a service found in any language."""
    case = desk.waiting()
    page = sorter.page
    sorter.go("/triage?view=all")
    sorter.follow(in_queue(sorter, case))

    page.locator("#find").fill("загранпаспорт")
    sorter.enter(page.locator("#find"))
    sorter.follow(page.locator(f'button[value="{PASSPORT}"]').first)

    expect(page.locator("[role=status]")).to_contain_text(case["number"])
    assert desk.officer().case(case["id"])["state"] == "routed"


@each_way
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


@each_way
def test_that_no_service_fits_is_said_in_two_strokes(sorter: Visitor, desk: Desk) -> None:
    """The citizen is told."""
    case = desk.waiting()
    at_case(sorter, case)

    open_part(sorter, "nothing")
    sorter.follow(sorter.page.locator("#nothing button"))

    expect(sorter.page.locator("[role=status]")).to_contain_text(case["number"])
    assert desk.town.administrator().case(case["id"])["state"] == "completed"


@each_way
def test_a_part_is_split_off(sorter: Visitor, desk: Desk) -> None:
    """It becomes a case of its own."""
    case = desk.waiting()
    at_case(sorter, case)

    open_part(sorter, "split")
    sorter.page.locator("#split-text").fill("Жол шұңқыры")
    sorter.follow(sorter.page.locator("#split form > p > button"))

    expect(sorter.page.locator("[role=status]")).to_be_visible()
    assert len(desk.town.administrator().case(case["id"])["child_ids"]) == 1


@each_way
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


@each_way
def test_whoever_sorts_second_is_told(sorter: Visitor, desk: Desk) -> None:
    """By whom it was sorted, and where it is."""
    case = desk.waiting()
    at_case(sorter, case)
    other = desk.town.one(Role.TRIAGE_OFFICER)
    other.act(case["id"], "assign", service_id=PASSPORT)

    sorter.follow(sorter.page.locator(".choices button").first)

    assert sorter.page.locator("[role=alert] li").count() == 1
    assert sorter.say("a triage officer") in sorter.page.locator("[role=alert]").inner_text()
    sorter.look("triage-conflict")


@scripted
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


@each_way
def test_a_hostile_text_is_only_a_text(sorter: Visitor, desk: Desk) -> None:
    """Nothing of it is run, nothing of it is markup."""
    case = desk.waiting(f"{HOSTILE} 870112345678")
    at_case(sorter, case)

    assert "<script>" in sorter.page.locator(".said").inner_text()
    assert sorter.page.title() != "taken"
    assert sorter.page.locator("h1").count() == 1
