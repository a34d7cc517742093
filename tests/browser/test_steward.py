"""A catalogue steward's journeys in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.people import WIDTHS, Visitor, each_way

LANGUAGES = ["kk", "ru", "en"]
PUBLISHED = "Published. Requests are sorted by the new register within seconds."


def steward(opened: Open, language: str = "en", **more: bool) -> Visitor:
    visitor = opened(language, **more)
    visitor.sign_in("catalogue steward")
    return visitor


def discard(visitor: Visitor) -> None:
    """Leave no draft behind."""
    visitor.go("/steward/draft")
    for asked in visitor.page.locator("main details.discard > summary").all():
        asked.click()
        visitor.press("Throw all of it away")


def send(visitor: Visitor) -> None:
    """Send the form of the page, and wait for what answers."""
    visitor.follow(visitor.page.locator("main form button"))


def first_id(visitor: Visitor, place: int = 0) -> str:
    """Return the id of a service that the search shows."""
    visitor.go("/steward")
    address = visitor.page.locator(".found a").nth(place).get_attribute("href")
    assert address
    return address.rpartition("/")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_steward_is_for_everybody(opened: Open, language: str) -> None:
    """To eyes and to screen readers, light and dark, on every width, with a draft of real data."""
    visitor = steward(opened, language)
    chosen, other = first_id(visitor), first_id(visitor, 1)
    visitor.look("steward-search")
    visitor.go(f"/steward/services/{chosen}")
    visitor.look("steward-service")
    visitor.page.locator("#title_kk").fill("Ағаш кесуге рұқсат беру (жаңа атауы)")
    visitor.page.locator("#term_days").fill("7")
    send(visitor)
    visitor.look("steward-saved")
    visitor.go(f"/steward/services/{other}/merge")
    visitor.look("steward-merge")
    visitor.page.locator("#successor_id").select_option(chosen)
    send(visitor)
    visitor.go(f"/steward/services/{chosen}/split")
    visitor.look("steward-split")
    visitor.page.locator("#id").fill("Not an id")
    send(visitor)
    visitor.look("steward-fault")
    visitor.go("/steward/draft")
    visitor.page.locator("main details.discard > summary").click()
    visitor.look("steward-draft")
    visitor.go(f"/steward/services/{chosen}/model")
    visitor.look("steward-model")
    visitor.go("/steward/changes")
    visitor.look("steward-changes")
    discard(visitor)
    visitor.look("steward-empty-draft")


def test_long_texts_are_read_without_scrolling_in_their_boxes(opened: Open) -> None:
    """On a phone and three side by side; and a box grows with what is typed."""
    visitor = steward(opened)
    visitor.go(f"/steward/services/{first_id(visitor)}")
    hidden = """() => [...document.querySelectorAll("textarea")]
        .filter(one => one.scrollHeight > one.clientHeight).map(one => one.id)"""
    for width in WIDTHS:
        visitor.page.set_viewport_size({"width": width, "height": 740})
        assert visitor.page.evaluate(hidden) == []

    visitor.page.locator("#description_kk").fill("Ұзақ сипаттама. " * 80)
    assert visitor.page.evaluate(hidden) == []


@each_way(plain="ru")
def test_a_service_is_renamed_and_published(opened: Open, language: str, scripts: bool) -> None:
    """What stood there is told beside what will; its old id leads to the new one."""
    visitor = steward(opened, language, scripts=scripts)
    chosen = first_id(visitor, 2)
    renamed = f"{chosen}-renamed"
    visitor.go(f"/steward/services/{chosen}")
    visitor.page.locator(f"#title_{language}").fill("Жаңа атауы, a new title")
    visitor.page.locator("#id").fill(renamed)
    visitor.press("Save in the draft")
    assert visitor.heading == "Жаңа атауы, a new title"

    compare = visitor.page.get_by_role("link", name=visitor.say("Compare and publish"))
    visitor.follow(compare.first)
    assert visitor.page.locator(f'a[href$="/services/{renamed}"]').count() >= 1
    visitor.press("Publish this draft")

    expect(visitor.page.locator("[role=status]")).to_have_text(visitor.say(PUBLISHED))
    answer = visitor.page.request.get(f"/v1/services/{chosen}")
    assert answer.json()["id"] == renamed


@each_way(plain="kk")
def test_services_are_merged_and_split_and_published(
    opened: Open, language: str, scripts: bool
) -> None:
    """The id of the one that stopped leads to the other, and what was split off is a service."""
    visitor = steward(opened, language, scripts=scripts)
    stops, stays = first_id(visitor, 5), first_id(visitor, 6)
    part = f"{stays}-part"
    visitor.go(f"/steward/services/{stops}/merge")
    visitor.page.locator("#successor_id").select_option(stays)
    visitor.press("Merge in the draft")
    visitor.go(f"/steward/services/{stays}/split")
    visitor.page.locator("#id").fill(part)
    visitor.press("Add the new service to the draft")
    visitor.go("/steward/draft")
    expect(visitor.page.locator("main .card")).to_have_count(2)
    visitor.press("Publish this draft")

    expect(visitor.page.locator("[role=status]")).to_have_text(visitor.say(PUBLISHED))
    for id_, leads_to in ((stops, stays), (part, part)):
        assert visitor.page.request.get(f"/v1/services/{id_}").json()["id"] == leads_to


def test_two_stewards_do_not_trample_each_other(opened: Open) -> None:
    """Who comes second keeps what they typed, sees what the first wrote, and may send it again."""
    one, two = steward(opened), steward(opened)
    chosen = first_id(one, 3)
    for visitor in (one, two):
        visitor.go(f"/steward/services/{chosen}")
    one.page.locator("#title_en").fill("Title of the first")
    send(one)
    two.page.locator("#title_en").fill("Title of the second")
    send(two)

    assert two.page.locator("#title_en").input_value() == "Title of the second"
    assert "In the draft now: Title of the first" in two.page.locator("main").inner_text()
    two.look("steward-conflict")

    send(two)
    assert two.heading == "Title of the second"
    discard(two)


def test_another_language_of_a_refused_form_keeps_what_was_typed(opened: Open) -> None:
    """And saves nothing."""
    visitor = steward(opened)
    chosen = first_id(visitor, 4)
    visitor.go(f"/steward/services/{chosen}")
    visitor.page.locator("#title_ru").fill("")
    visitor.page.locator("#title_en").fill("Half a change")
    send(visitor)
    visitor.follow(visitor.page.get_by_role("button", name="Русский"))

    assert visitor.page.locator("html").get_attribute("lang") == "ru"
    assert visitor.page.locator("#title_en").input_value() == "Half a change"
    visitor.go("/steward/draft")
    assert visitor.page.locator(".cards").count() == 0
