"""Two at one case, at either desk, in a real browser."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from services.chassis.principal import Role
from tests.browser.conftest import Open
from tests.browser.desk import Desk
from tests.browser.people import Visitor, each_way
from tests.e2e.people import Person

DESKS = {"office": "officer of MIA", "triage": "triage officer"}
"""Where cases are worked on, by the first part of its pages' addresses, and who is there."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Somebody with a browser at a case, and a colleague at the same desk."""

    visitor: Visitor
    colleague: Person
    path: str
    case_id: str

    def look(self) -> None:
        """Let the visitor open the case, or look at it again."""
        self.visitor.go(self.path)

    def open(self, *, take_over: bool = False) -> bool:
        """Let the colleague open it; tell whether it is theirs."""
        body = {"take_over": take_over}
        answer = self.colleague.post(f"/v1/cases/{self.case_id}:open", body)
        return bool(self.colleague.json(answer)["opening"].get("is_own"))

    def is_told(self, words: str) -> bool:
        """Tell whether the page says this of the colleague, whose name stands somewhere in it."""
        told = self.visitor.page.locator("#colleague").inner_text()
        return all(part in told for part in self.visitor.say(words).split("%(who)s"))


@pytest.fixture(params=DESKS)
def pair(
    request: pytest.FixtureRequest, opened: Open, desk: Desk, language: str, scripts: bool
) -> Pair:
    """Bring a case to a desk, and two people to it."""
    is_office = request.param == "office"
    case = desk.held() if is_office else desk.waiting()
    visitor = opened(language, DESKS[request.param], scripts=scripts)
    colleague = desk.officer() if is_office else desk.town.one(Role.TRIAGE_OFFICER)
    return Pair(visitor, colleague, f"/{request.param}/cases/{case['id']}", case["id"])


@each_way
def test_whoever_comes_first_sees_nobody(pair: Pair) -> None:
    """It is the colleague who is told."""
    pair.look()

    assert pair.visitor.page.locator("#colleague").count() == 0
    assert not pair.open()


@each_way
def test_whoever_comes_second_sees_who_is_there_and_may_take_over(pair: Pair) -> None:
    """Nothing is locked; one press takes it over, or one key; and whoever had it is told."""
    assert pair.open()
    pair.look()
    assert pair.is_told("%(who)s opened this case just now.")
    assert pair.is_told("Last looked at it:")
    page = pair.visitor.page
    assert page.locator(".do button").first.is_enabled()

    with page.expect_navigation():
        if pair.visitor.scripts:
            page.keyboard.press("o")
        else:
            page.locator("#colleague button").click()
    told = "You have this case now. Whoever had it open is told when they look at it again."
    expect(page.locator("[role=status]")).to_have_text(pair.visitor.say(told))
    expect(page.locator("#colleague")).to_have_count(0)
    assert not pair.open()
    assert pair.open(take_over=True)
    pair.look()
    assert pair.is_told("%(who)s has taken this case over from you.")
