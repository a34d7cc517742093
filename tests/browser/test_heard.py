"""What a page tells somebody who hears it, or who opened a part of it."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.desk import Desk
from tests.browser.test_citizen import case_id, is_local, send_first
from tests.e2e.words import Words


def test_what_comes_while_one_types_is_told_in_a_sentence(opened: Open, words: Words) -> None:
    """Not all of it, at each halt; the words behind it are marked once the typing stops."""
    visitor = opened("ru")
    visitor.go("/")
    visitor.page.locator("#text").press_sequentially(words.of("confirm", language="ru"), delay=2)
    heading = visitor.page.locator("#found h2").first
    expect(heading).to_be_visible()

    expect(visitor.page.locator("[data-told]")).to_have_text(heading.inner_text())
    expect(visitor.page.locator("#found")).not_to_have_attribute("aria-live", re.compile(".*"))
    expect(visitor.page.locator("#found mark").first).to_be_visible()


def test_what_was_opened_stays_open_when_the_case_moves(opened: Open, desk: Desk) -> None:
    """And whoever stood at a link or a button stands there still."""
    visitor, town = opened("en"), desk.town
    id_ = send_first(visitor, desk, desk.words.of("confirm", where=is_local))
    office = town.administrator().case(id_)["office"]
    summary = visitor.page.locator("summary", has_text=visitor.say("Your words"))
    summary.focus()
    summary.press("Enter")
    expect(visitor.page.locator("details[open] > summary", has_text="Your words")).to_be_visible()

    town.officer(office).act(id_, "accept", office=office)

    expect(visitor.page.locator("h1")).to_have_text("The office works on it")
    expect(visitor.page.locator("details[open] > summary", has_text="Your words")).to_be_focused()


def test_a_form_that_wants_something_takes_whoever_hears_there(opened: Open, desk: Desk) -> None:
    """The field has the focus, and says what is wrong with it; what was done has it afterwards."""
    visitor, town = opened("kk"), desk.town
    id_ = send_first(visitor, desk, desk.words.of("confirm", language="kk", where=is_local))
    office = town.administrator().case(id_)["office"]
    officer = town.officer(office)
    officer.act(id_, "accept", office=office)
    officer.act(id_, "ask", office=office, question_code="DOCUMENT_MISSING", text="Copy?")
    expect(visitor.page.locator("#answer")).to_be_visible()

    visitor.press("Send the answer")
    expect(visitor.page.locator("#answer")).to_be_focused()

    visitor.page.locator("#answer").fill("Міне")
    visitor.press("Send the answer")
    expect(visitor.page.locator(".box.good")).to_be_focused()
    assert case_id(visitor) == id_
