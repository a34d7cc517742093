"""Two at one case, at either desk, in a real browser."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from services.chassis.principal import Role
from tests.browser.conftest import Open
from tests.browser.desk import Desk
from tests.browser.people import Visitor
from tests.e2e.people import Person


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


@pytest.fixture(params=["office", "triage"])
def at(request: pytest.FixtureRequest, opened: Open, desk: Desk) -> Callable[..., Pair]:
    """Bring a case to a desk, and two people to it."""

    def bring(**how: bool) -> Pair:
        is_office = request.param == "office"
        case = desk.held() if is_office else desk.waiting()
        visitor = opened("en", **how)
        visitor.sign_in("officer of MIA" if is_office else "triage officer")
        colleague = desk.officer() if is_office else desk.town.one(Role.TRIAGE_OFFICER)
        return Pair(visitor, colleague, f"/{request.param}/cases/{case['id']}", case["id"])

    return bring


def test_whoever_comes_second_sees_who_is_there(at: Callable[..., Pair]) -> None:
    """And may act all the same: nothing is locked."""
    pair = at()
    assert pair.open()

    pair.look()

    note = pair.visitor.page.locator("#colleague")
    assert "opened this case just now." in note.inner_text()
    assert "Last looked at it:" in note.inner_text()
    assert pair.visitor.page.locator(".do button").first.is_enabled()


def test_whoever_comes_first_sees_nobody(at: Callable[..., Pair]) -> None:
    """It is the colleague who is told."""
    pair = at()
    pair.look()

    assert pair.visitor.page.locator("#colleague").count() == 0
    assert not pair.open()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_case_is_taken_over_by_one_press(at: Callable[..., Pair], scripts: bool) -> None:
    """With scripts by a key too; and whoever had it is told."""
    pair = at(scripts=scripts)
    pair.open()
    pair.look()

    page = pair.visitor.page
    if scripts:
        page.keyboard.press("o")
    else:
        page.locator("#colleague button").click()

    expect(page.locator("[role=status]")).to_contain_text("You have this case now.")
    expect(page.locator("#colleague")).to_have_count(0)
    assert not pair.open()
    assert pair.open(take_over=True)
    pair.look()
    told = "has taken this case over from you."
    assert told in page.locator("#colleague").inner_text()
