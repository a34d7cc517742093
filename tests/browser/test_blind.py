"""Judging a case of the random sample blind, in a real browser; the bundled policy draws few."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from services.chassis.auth import Issuer
from tests.browser.conftest import CALL_SECONDS, Open
from tests.browser.desk import PASSPORT, Case, Desk
from tests.browser.people import Visitor, each_way, scripted
from tests.browser.test_officer import open_part
from tests.e2e.people import Town
from tests.e2e.words import Words
from tests.policy import unsampled
from tests.system import System, started

SHARE = 0.2
DRAWN = (
    "This request was picked at random: a person decides on it instead of the AI, "
    "so that we know how often the AI is right."
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[System]:
    """Start every service in place of those of other tests: here a fifth is drawn."""
    folder = tmp_path_factory.mktemp("drawing")
    policy = str(unsampled(folder, share=SHARE))
    whole = System(folder / "data", {"QYZMET_MODEL": str(model), "QYZMET_POLICY": policy})
    with started(whole):
        yield whole


@pytest.fixture(scope="module")
def desk(system: System) -> Iterator[Desk]:
    """Bring cases to the desks of that system."""
    with httpx.Client(base_url=system.url, timeout=CALL_SECONDS) as client:
        town = Town(client, Issuer.at(system.data / "secrets"))
        yield Desk(town, Words(town.anonymous))


@pytest.fixture
def sorter(opened: Open, language: str, scripts: bool) -> Visitor:
    """Sign in somebody who sorts, in the way of the test."""
    return opened(language, "triage officer", scripts=scripts, width=1280)


def routable(visitor: Visitor) -> str:
    """Return a language of texts this model is sure of: theirs, but for English."""
    return "ru" if visitor.language == "en" else visitor.language


def best_of(desk: Desk, case: Case, language: str) -> str:
    """Return what the model calls the service it thought best, in a language."""
    service = desk.town.anonymous.get(f"/v1/services/{case['decision']['service_id']}").json()
    return str(service["title"][language])


@scripted
def test_every_page_of_judging_blind_is_for_everybody(sorter: Visitor, desk: Desk) -> None:
    """To eyes and to screen readers, light and dark, on every width."""
    case = desk.drawn(routable(sorter))
    sorter.go("/triage")
    sorter.look("blind-queue")
    sorter.go(f"/triage/cases/{case['id']}")
    sorter.look("blind-case")
    sorter.go(f"/triage/cases/{case['id']}?find=паспорт")
    open_part(sorter, "nothing")
    open_part(sorter, "split")
    sorter.look("blind-forms")
    sorter.follow(sorter.page.locator(f'button[value="{PASSPORT}"]').first)
    sorter.look("blind-chosen")
    sorter.go(f"/triage/cases/{case['id']}")
    sorter.look("blind-told")


@each_way
def test_its_citizen_is_told_why_they_wait(visitor: Visitor, desk: Desk) -> None:
    """For a person, in words that are read and heard."""
    case = desk.drawn(routable(visitor), desk.town.anonymous)
    visitor.go(f"/cases/{case['id']}")

    expect(visitor.page.locator("p.box").first).to_have_text(visitor.say(DRAWN))
    visitor.look("blind-citizen")


@each_way
def test_a_case_is_judged_blind_by_one_press(sorter: Visitor, desk: Desk) -> None:
    """What the AI thinks is nowhere until a service is chosen, and stands there afterwards."""
    case = desk.drawn()
    best = best_of(desk, case, sorter.language)
    page = sorter.page
    sorter.go("/triage")
    row = page.locator(f'a[href$="{case["id"]}"]')
    assert best not in page.locator("main li", has=row).inner_text()
    sorter.follow(row)
    assert best not in page.locator("body").inner_text()
    assert page.locator("mark").count() == 0

    page.locator("#find").fill("загранпаспорт")
    sorter.enter(page.locator("#find"))
    sorter.follow(page.locator(f'button[value="{PASSPORT}"]').first)
    expect(page.locator("[role=status]")).to_contain_text(case["number"])

    sorter.go(f"/triage/cases/{case['id']}")
    assert best in page.locator(".do").inner_text()
    assert page.locator('button[name="service"]').count() == 0
