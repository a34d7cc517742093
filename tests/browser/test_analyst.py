"""The journeys of an analyst: from a question to figures, from a case to its proof."""

import httpx
import pytest

from tests.browser.conftest import Open
from tests.browser.people import Visitor
from tests.system import System

LANGUAGES = ["kk", "ru", "en"]
WAYS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
SECTIONS = ("coverage", "quality", "drift", "fairness", "times", "programmes", "model", "decisions")
TEXT = "Хочу получить паспорт гражданина"


def newest_case(visitor: Visitor, system: System) -> None:
    """Send a request, and open the decisions on it once they are sealed."""
    headers = {"Idempotency-Key": f"analyst-{visitor.language}"}
    sent = httpx.post(f"{system.url}/v1/cases", json={"text": TEXT}, headers=headers, timeout=30)
    number, id_ = sent.json()["number"], sent.json()["id"]

    def is_sealed() -> bool:
        told = httpx.get(f"{system.url}/v1/cases/{id_}/proof", timeout=30).json()
        return bool(told.get("proofs"))

    system.wait(is_sealed, "no checkpoint in time")
    visitor.go("/analyst/decisions")
    visitor.page.locator("#number").fill(number)
    visitor.page.locator("main form button").click()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_analysts_are_for_everybody(
    opened: Open, system: System, language: str
) -> None:
    """To eyes and to screen readers, light and dark, on every width, with figures in them."""
    visitor = opened(language)
    visitor.sign_in("analyst")
    for section in SECTIONS:
        visitor.go(f"/analyst/{section}")
        visitor.look(f"analyst-{section}")
    newest_case(visitor, system)
    visitor.look("analyst-decision")


@WAYS
@pytest.mark.parametrize("language", LANGUAGES)
def test_one_question_leads_to_the_next(opened: Open, language: str, scripts: bool) -> None:
    """Days and groups are chosen in a form, stay in the address, and go along."""
    visitor = opened(language, scripts=scripts)
    visitor.sign_in("analyst")
    visitor.go("/analyst/quality")
    visitor.page.locator("#start_date").fill(visitor.page.locator("#end_date").input_value())
    visitor.page.locator("#group_by").select_option("region")
    visitor.page.locator("main form button").click()
    day = visitor.page.locator("#end_date").input_value()

    assert f"start_date={day}" in visitor.page.url
    assert "group_by=region" in visitor.page.url
    visitor.page.locator(".sections a").nth(4).click()
    assert visitor.page.locator("#start_date").input_value() == day


@WAYS
def test_an_address_shows_a_colleague_the_same(opened: Open, scripts: bool) -> None:
    """The figures of a page are those of its address, whoever opens it."""
    figures = []
    for who in ("analyst", "administrator"):
        visitor = opened("kk", scripts=scripts, width=1280)
        visitor.sign_in(who)
        visitor.go("/analyst/fairness?group_by=region")
        figures.append(visitor.page.locator("table.figures").inner_text())

    assert figures[0] == figures[1]


@WAYS
def test_a_table_is_downloaded(opened: Open, scripts: bool) -> None:
    """As a file for a spreadsheet, by a link."""
    visitor = opened("ru", scripts=scripts)
    visitor.sign_in("analyst")
    visitor.go("/analyst/coverage")
    with visitor.page.expect_download() as download:
        visitor.page.locator("a[download]").first.click()

    assert download.value.suggested_filename == "qyzmet-coverage-series.csv"


@WAYS
def test_the_server_verifies_a_record(opened: Open, system: System, scripts: bool) -> None:
    """And shows each step, which needs no script."""
    visitor = opened("en", scripts=scripts)
    visitor.sign_in("analyst")
    newest_case(visitor, system)

    assert "this server worked it out" in visitor.page.locator(".verdict").first.inner_text()
    visitor.page.locator("main summary").last.click()
    assert visitor.page.get_by_text("That is the root of the checkpoint.").first.is_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browser_verifies_it_too(opened: Open, system: System, language: str) -> None:
    """By its own hashes, from the proof as downloaded."""
    visitor = opened(language)
    visitor.sign_in("analyst")
    newest_case(visitor, system)
    visitor.page.locator("#in-browser button").click()

    visitor.page.locator("#in-browser .verdict.good").wait_for()


def test_the_browser_finds_what_was_changed(opened: Open, system: System) -> None:
    """A record with another word in it leads to another root."""
    visitor = opened("en")
    visitor.sign_in("analyst")
    newest_case(visitor, system)
    visitor.page.route(
        "**/proof",
        lambda route: route.fulfill(
            body=route.fetch().text().replace("triage", "routed").replace("confirm", "routing")
        ),
    )
    visitor.page.locator("#in-browser button").click()

    visitor.page.locator("#in-browser .verdict.bad").wait_for()


def test_the_browser_offers_nothing_it_cannot_do(opened: Open, system: System) -> None:
    """Without scripts there is no button that does nothing."""
    visitor = opened("en", scripts=False)
    visitor.sign_in("analyst")
    newest_case(visitor, system)

    assert not visitor.page.locator("#in-browser").is_visible()
