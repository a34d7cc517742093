"""What a page tells somebody who hears it, or who opened a part of it."""

import re

from playwright.sync_api import expect

from tests.browser.citizen import OFFICE, asked, at_case, case_id
from tests.browser.desk import Desk
from tests.browser.people import Visitor, scripted


@scripted
def test_what_comes_while_one_types_is_told_in_a_sentence(visitor: Visitor, desk: Desk) -> None:
    """Not all of it, at each halt; the words behind it are marked once the typing stops."""
    visitor.go("/")
    text = desk.words.of("confirm", language=visitor.language)
    visitor.page.locator("#text").press_sequentially(text, delay=2)
    heading = visitor.page.locator("#found h2").first
    expect(heading).to_be_visible()

    expect(visitor.page.locator("[data-told]")).to_have_text(heading.inner_text())
    expect(visitor.page.locator("#found")).not_to_have_attribute("aria-live", re.compile(".*"))
    expect(visitor.page.locator("#found mark").first).to_be_visible()


@scripted
def test_what_was_opened_stays_open_when_the_case_moves(visitor: Visitor, desk: Desk) -> None:
    """And whoever stood at a link or a button stands there still."""
    case, words = desk.held(citizen=desk.town.anonymous), visitor.say("Your words")
    at_case(visitor, case)
    summary = visitor.page.locator("summary", has_text=words)
    summary.focus()
    summary.press("Enter")
    expect(visitor.page.locator("details[open] > summary", has_text=words)).to_be_visible()

    desk.officer().act(case["id"], "accept", office=OFFICE)

    expect(visitor.page.locator("h1")).to_have_text(visitor.say("The office works on it"))
    expect(visitor.page.locator("details[open] > summary", has_text=words)).to_be_focused()


@scripted
def test_a_form_that_wants_something_takes_whoever_hears_there(
    visitor: Visitor, desk: Desk
) -> None:
    """The field has the focus, and says what is wrong with it; what was done has it afterwards."""
    case = asked(desk)
    at_case(visitor, case)

    visitor.press("Send the answer")
    expect(visitor.page.locator("#answer")).to_be_focused()

    visitor.page.locator("#answer").fill("Міне")
    visitor.press("Send the answer")
    expect(visitor.page.locator(".box.good")).to_be_focused()
    assert case_id(visitor) == case["id"]
