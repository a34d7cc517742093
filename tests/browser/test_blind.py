"""Judging a case of the random sample blind, in a real browser; the bundled policy draws few."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from services.chassis.auth import Issuer
from tests.browser.conftest import CALL_SECONDS, Open
from tests.browser.desk import PASSPORT, Case, Desk
from tests.browser.people import Visitor
from tests.browser.test_officer import in_each_language, open_part, with_and_without
from tests.e2e.people import Town
from tests.e2e.words import Words
from tests.policy import unsampled
from tests.system import System, started

SHARE = 0.2


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


def best_of(desk: Desk, case: Case) -> str:
    """Return what the model calls the service it thought best, in English."""
    service = desk.town.anonymous.get(f"/v1/services/{case['decision']['service_id']}").json()
    return str(service["title"]["en"])


@in_each_language
def test_every_page_of_judging_blind_is_for_everybody(
    opened: Open, desk: Desk, language: str
) -> None:
    """To eyes and to screen readers, light and dark, on every width."""
    case = desk.drawn("ru" if language == "en" else language)
    visitor = opened(language)
    visitor.sign_in("triage officer")
    visitor.go("/triage")
    visitor.look("blind-queue")
    visitor.go(f"/triage/cases/{case['id']}")
    visitor.look("blind-case")
    visitor.go(f"/triage/cases/{case['id']}?find=паспорт")
    open_part(visitor, "nothing")
    open_part(visitor, "split")
    visitor.look("blind-forms")
    visitor.follow(visitor.page.locator(f'button[value="{PASSPORT}"]').first)
    visitor.look("blind-chosen")
    visitor.go(f"/triage/cases/{case['id']}")
    visitor.look("blind-told")


@in_each_language
def test_its_citizens_page_is_for_everybody(opened: Open, desk: Desk, language: str) -> None:
    """Who waits for a person is told why, in words that are read and heard."""
    case = desk.drawn("ru" if language == "en" else language, desk.town.anonymous)
    visitor = opened(language)
    visitor.go(f"/cases/{case['id']}")
    visitor.look("blind-citizen")


@with_and_without
def test_a_case_is_judged_blind_by_one_press(opened: Open, desk: Desk, scripts: bool) -> None:
    """What the AI thinks is nowhere until a service is chosen, and stands there afterwards."""
    case = desk.drawn()
    best = best_of(desk, case)
    visitor: Visitor = opened("en", scripts=scripts, width=1280)
    page = visitor.page
    visitor.sign_in("triage officer")
    visitor.go("/triage")
    row = page.locator(f'a[href$="{case["id"]}"]')
    assert best not in page.locator("main li", has=row).inner_text()
    visitor.follow(row)
    assert best not in page.locator("body").inner_text()
    assert page.locator("mark").count() == 0

    page.locator("#find").fill("загранпаспорт")
    visitor.enter(page.locator("#find"))
    visitor.follow(page.locator(f'button[value="{PASSPORT}"]').first)
    expect(page.locator("[role=status]")).to_contain_text(case["number"])

    visitor.go(f"/triage/cases/{case['id']}")
    assert best in page.locator(".do").inner_text()
    assert page.locator('button[name="service"]').count() == 0
