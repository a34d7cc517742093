"""Somebody with a browser: what they do on every page, and how every page must look to them."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page

from gateway.pages.languages import LANGUAGES
from gateway.pages.words import translations

SHOTS = Path(__file__).parents[2] / "build" / "pages"
WIDTHS = (360, 1280)
NARROWEST = 320
"""Of a cheap phone; also a screen of 1280 at 400 %."""
# All that is well need not be told: it is most of a page, and costs more than looking.
# Nothing is loaded anew for it, which only rules about sound and experimental ones would want.
TOLD = {"resultTypes": ["violations"], "preload": False}
RULES = TOLD | {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
COLOURS = TOLD | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What may be wrong in the dark where all is well in the light."""
LONGEST = "kk"
"""The language with the longest words. In the dark a page is looked at in this one alone: nothing
but colours differs there, and colours are the same in every language."""
LIGHT, DARK = {"light": RULES}, {"dark": COLOURS}

# Of the whole page; packed in half the time that Playwright's own take, and there are hundreds.
PICTURE = {"format": "png", "captureBeyondViewport": True, "optimizeForSpeed": True}
AUDIT = "async (rules) => (await axe.run(rules)).violations"
STRIKE = """([key, code, shiftKey]) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }))"""
HIDDEN = """() => [...document.querySelectorAll(".scroll")]
    .filter((one) => one.scrollWidth > one.clientWidth)
    .map((one) => one.getAttribute("aria-label"))"""

WAYS = [(language, scripts) for language in LANGUAGES for scripts in (True, False)]
"""Each language, with scripts and without."""


def _in(ways: Sequence[tuple[str, bool]]) -> pytest.MarkDecorator:
    names = [f"{language}-{'scripts' if scripts else 'plain'}" for language, scripts in ways]
    return pytest.mark.parametrize(("language", "scripts"), ways, ids=names)


each_way = _in(WAYS)
"""Go a journey in each language, with scripts and without."""
scripted = _in(WAYS[::2])
"""In each language, what only a page with scripts does; or look at pages, which is done once."""
plain = _in(WAYS[1::2])
"""In each language, what only a page without scripts asks of somebody."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One page of a browser, the language somebody reads, and whether the page has scripts."""

    page: Page
    language: str
    scripts: bool = True

    def go(self, path: str) -> None:
        """Open a page in their language."""
        self.page.goto(f"/{self.language}{path}")

    def sign_in(self, who: str) -> None:
        """Sign in as a demo user, by the name of DEMO_PRINCIPALS."""
        self.go("/sign-in")
        self.follow(self.page.locator("main a.button"))
        self.follow(self.page.locator(f'button[value="{who}"]'))

    def follow(self, way: Locator) -> None:
        """Press what leads to another page, and wait until that page is there as a whole.

        A press alone may return while the page before is still to be seen, and be read.
        """
        with self.page.expect_navigation():
            way.click()

    def enter(self, field: Locator) -> None:
        """Send a form by Enter in a field of it, and wait as `follow` does."""
        with self.page.expect_navigation():
            field.press("Enter")

    def press(self, words: str) -> None:
        """Press a button that sends a form, by its words in their language."""
        self.follow(self.page.get_by_role("button", name=self.say(words)).first)

    def strike(self, sign: str, place: str, *, shift: bool = False) -> None:
        """Press a key of a layout that the browser here has not: its sign, and its place."""
        self.page.evaluate(STRIKE, [sign, place, shift])

    def say(self, words: str) -> str:
        """Return words of the source in their language."""
        return translations(self.language).gettext(words)

    @property
    def other_language(self) -> str:
        """Return a language that is not theirs, as it calls itself."""
        return next(name for code, name in LANGUAGES.items() if code != self.language)

    @property
    def heading(self) -> str:
        """Return what the page says it is."""
        return self.page.locator("h1").inner_text()

    def look(self, name: str) -> None:
        """Hold the page to what holds for every page, in each light and width; keep pictures.

        Only where it has scripts, which hide nothing: without them it is the same or less.
        """
        if not self.scripts:
            return
        assert self.page.locator("h1").count() == 1
        self.page.evaluate(AXE_SCRIPT)
        looks = LIGHT | DARK if self.language == LONGEST else LIGHT
        for scheme, rules in looks.items():
            self.page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                self.page.set_viewport_size({"width": width, "height": 740})
                self._audit(f"{name} in {scheme} at {width}", rules)
                self._picture(name, scheme, width)
        self.page.emulate_media(color_scheme="light")
        self._shows_all(name)
        self._fits(name)

    def _audit(self, name: str, rules: dict[str, Any]) -> None:
        found = self.page.evaluate(AUDIT, rules)
        told = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]
        assert told == [], f"{name}: {told}"

    def _picture(self, name: str, scheme: str, width: int) -> None:
        file = SHOTS / f"{name}-{self.language}-{width}-{scheme}.png"
        SHOTS.mkdir(parents=True, exist_ok=True)
        camera = self.page.context.new_cdp_session(self.page)
        taken = camera.send("Page.captureScreenshot", PICTURE)
        camera.detach()
        file.write_bytes(b64decode(taken["data"]))

    def _shows_all(self, name: str) -> None:
        """On a desk, where the page still has that width, no table hides columns."""
        hidden = self.page.evaluate(HIDDEN)
        assert hidden == [], f"{name} hides columns of {hidden}"

    def _fits(self, name: str) -> None:
        """Nothing is to be scrolled sideways on the narrowest screen."""
        self.page.set_viewport_size({"width": NARROWEST, "height": 740})
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROWEST, f"{name} is {width} wide"
