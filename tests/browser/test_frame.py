"""The frame of every page, and signing in, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_pages_of_signing_in_are_for_everybody(opened: Open, language: str) -> None:
    """To eyes and to screen readers, light and dark, on every width."""
    visitor = opened(language)
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


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_one_signs_in_and_out(opened: Open, scripts: bool) -> None:
    """With scripts and without."""
    visitor = opened(scripts=scripts)
    visitor.sign_in("analyst")
    visitor.go("/sign-in")
    assert visitor.heading == "You are signed in"

    visitor.press("Sign out")
    assert visitor.heading == "Sign in"


def test_the_keyboard_reaches_the_content_first(opened: Open) -> None:
    """The first stop leads past the head of the page."""
    visitor = opened()
    visitor.go("/sign-in")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator(".skip")).to_be_focused()

    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#main")).to_be_focused()


def test_another_language_is_one_press_away(opened: Open) -> None:
    """On the same page."""
    visitor = opened("ru")
    visitor.go("/sign-in")
    visitor.follow(visitor.page.get_by_role("link", name="Қазақша"))

    assert visitor.page.url.endswith("/kk/sign-in")
    assert visitor.page.locator("html").get_attribute("lang") == "kk"
