"""A catalogue steward's journeys in a real browser."""

import pytest
from playwright.sync_api import expect

from gateway.pages.languages import LANGUAGES
from tests.browser.conftest import Open
from tests.browser.people import WIDTHS, Visitor, each_way, scripted

WHO = "catalogue steward"
PUBLISHED = "Published. Requests are sorted by the new register within seconds."


@pytest.fixture
def steward(opened: Open, language: str, scripts: bool) -> Visitor:
    """Sign in a catalogue steward, in the way of the test."""
    return opened(language, WHO, scripts=scripts)


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


@scripted
def test_every_page_of_a_steward_is_for_everybody(steward: Visitor) -> None:
    """To eyes and to screen readers, light and dark, on every width, with a draft of real data."""
    chosen, other = first_id(steward), first_id(steward, 1)
    steward.look("steward-search")
    steward.go(f"/steward/services/{chosen}")
    steward.look("steward-service")
    steward.page.locator("#title_kk").fill("Ағаш кесуге рұқсат беру (жаңа атауы)")
    steward.page.locator("#term_days").fill("7")
    send(steward)
    steward.look("steward-saved")
    steward.go(f"/steward/services/{other}/merge")
    steward.look("steward-merge")
    steward.page.locator("#successor_id").select_option(chosen)
    send(steward)
    steward.go(f"/steward/services/{chosen}/split")
    steward.look("steward-split")
    steward.page.locator("#id").fill("Not an id")
    send(steward)
    steward.look("steward-fault")
    steward.go("/steward/draft")
    steward.page.locator("main details.discard > summary").click()
    steward.look("steward-draft")
    steward.go(f"/steward/services/{chosen}/model")
    steward.look("steward-model")
    steward.go("/steward/changes")
    steward.look("steward-changes")
    discard(steward)
    steward.look("steward-empty-draft")


@each_way
def test_long_texts_are_read_without_scrolling_in_their_boxes(steward: Visitor) -> None:
    """On a phone and three side by side; and a box grows with what is typed."""
    steward.go(f"/steward/services/{first_id(steward)}")
    hidden = """() => [...document.querySelectorAll("textarea")]
        .filter(one => one.scrollHeight > one.clientHeight).map(one => one.id)"""
    for width in WIDTHS:
        steward.page.set_viewport_size({"width": width, "height": 740})
        assert steward.page.evaluate(hidden) == []

    steward.page.locator("#description_kk").fill("Ұзақ сипаттама. " * 80)
    assert steward.page.evaluate(hidden) == []


@each_way
def test_a_service_is_renamed_and_published(steward: Visitor) -> None:
    """What stood there is told beside what will; its old id leads to the new one."""
    chosen = first_id(steward, 2)
    renamed = f"{chosen}-renamed"
    steward.go(f"/steward/services/{chosen}")
    steward.page.locator(f"#title_{steward.language}").fill("Жаңа атауы, a new title")
    steward.page.locator("#id").fill(renamed)
    steward.press("Save in the draft")
    assert steward.heading == "Жаңа атауы, a new title"

    compare = steward.page.get_by_role("link", name=steward.say("Compare and publish"))
    steward.follow(compare.first)
    assert steward.page.locator(f'a[href$="/services/{renamed}"]').count() >= 1
    steward.press("Publish this draft")

    expect(steward.page.locator("[role=status]")).to_have_text(steward.say(PUBLISHED))
    answer = steward.page.request.get(f"/v1/services/{chosen}")
    assert answer.json()["id"] == renamed


@each_way
def test_services_are_merged_and_split_and_published(steward: Visitor) -> None:
    """The id of the one that stopped leads to the other, and what was split off is a service."""
    stops, stays = first_id(steward, 5), first_id(steward, 6)
    part = f"{stays}-part"
    steward.go(f"/steward/services/{stops}/merge")
    steward.page.locator("#successor_id").select_option(stays)
    steward.press("Merge in the draft")
    steward.go(f"/steward/services/{stays}/split")
    steward.page.locator("#id").fill(part)
    steward.press("Add the new service to the draft")
    steward.go("/steward/draft")
    expect(steward.page.locator("main .card")).to_have_count(2)
    steward.press("Publish this draft")

    expect(steward.page.locator("[role=status]")).to_have_text(steward.say(PUBLISHED))
    for id_, leads_to in ((stops, stays), (part, part)):
        assert steward.page.request.get(f"/v1/services/{id_}").json()["id"] == leads_to


@each_way
def test_two_stewards_do_not_trample_each_other(opened: Open, language: str, scripts: bool) -> None:
    """Who comes second keeps what they typed, sees what the first wrote, and may send it again."""
    one, two = (opened(language, WHO, scripts=scripts) for _ in range(2))
    chosen, title = first_id(one, 3), f"#title_{language}"
    for visitor in (one, two):
        visitor.go(f"/steward/services/{chosen}")
    one.page.locator(title).fill("Title of the first")
    send(one)
    two.page.locator(title).fill("Title of the second")
    send(two)

    assert two.page.locator(title).input_value() == "Title of the second"
    kept = f"{two.say('In the draft now:')} Title of the first"
    assert kept in two.page.locator("main").inner_text()
    two.look("steward-conflict")

    send(two)
    assert two.heading == "Title of the second"
    discard(two)


@each_way
def test_another_language_of_a_refused_form_keeps_what_was_typed(steward: Visitor) -> None:
    """And saves nothing."""
    chosen = first_id(steward, 4)
    steward.go(f"/steward/services/{chosen}")
    steward.page.locator("#title_ru").fill("")
    steward.page.locator("#title_en").fill("Half a change")
    send(steward)
    steward.follow(steward.page.get_by_role("button", name=steward.other_language))

    language = str(steward.page.locator("html").get_attribute("lang"))
    assert LANGUAGES[language] == steward.other_language
    assert steward.page.locator("#title_en").input_value() == "Half a change"
    steward.go("/steward/draft")
    assert steward.page.locator(".cards").count() == 0
