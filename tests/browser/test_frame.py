"""The frame of every page, and signing in, in a real browser."""

from playwright.sync_api import expect

from gateway.pages.languages import LANGUAGES
from tests.browser.people import Visitor, each_way, scripted


@scripted
def test_the_pages_of_signing_in_are_for_everybody(visitor: Visitor) -> None:
    """To eyes and to screen readers, light and dark, on every width."""
    visitor.go("/cases")
    visitor.look("nobodys-requests")
    visitor.go("/sign-in")
    visitor.look("sign-in")
    visitor.follow(visitor.page.locator("main a.button"))
    visitor.look("demo-sign-in")
    visitor.follow(visitor.page.locator('button[value="officer of MIA"]'))
    visitor.go("/sign-in")
    visitor.look("signed-in")
    visitor.go("/nowhere")
    visitor.look("nowhere")
    visitor.go("/analyst/coverage")
    assert visitor.heading == visitor.say("This page is for somebody else")
    visitor.look("forbidden")


@each_way
def test_one_signs_in_and_out(visitor: Visitor) -> None:
    """Whom the pages know, and then nobody."""
    visitor.sign_in("analyst")
    visitor.go("/sign-in")
    assert visitor.heading == visitor.say("You are signed in")

    visitor.press("Sign out")
    assert visitor.heading == visitor.say("Sign in")


@each_way
def test_the_keyboard_reaches_the_content_first(visitor: Visitor) -> None:
    """The first stop leads past the head of the page."""
    visitor.go("/sign-in")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator(".skip")).to_be_focused()

    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#main")).to_be_focused()


@each_way
def test_another_language_is_one_press_away(visitor: Visitor) -> None:
    """On the same page."""
    visitor.go("/sign-in")
    visitor.follow(visitor.page.get_by_role("link", name=visitor.other_language))

    language = str(visitor.page.locator("html").get_attribute("lang"))
    assert LANGUAGES[language] == visitor.other_language
    assert visitor.page.url.endswith(f"/{language}/sign-in")
