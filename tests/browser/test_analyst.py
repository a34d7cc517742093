"""The journeys of an analyst: from a question to figures, from a case to its proof."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Open
from tests.browser.people import Visitor, each_way, plain, scripted
from tests.system import System

SECTIONS = ("coverage", "quality", "drift", "fairness", "times", "programmes", "model", "decisions")
TEXT = "Хочу получить паспорт гражданина"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A case whose decisions are in the log."""

    id: str
    number: str


@pytest.fixture(scope="module")
def sealed(system: System) -> Sealed:
    """Send a request, and wait until the decisions on it are sealed."""
    headers = {"Idempotency-Key": "analyst"}
    sent = httpx.post(f"{system.url}/v1/cases", json={"text": TEXT}, headers=headers, timeout=30)
    case = Sealed(sent.json()["id"], sent.json()["number"])

    def is_in_log() -> bool:
        told = httpx.get(f"{system.url}/v1/cases/{case.id}/proof", timeout=30).json()
        return bool(told.get("proofs"))

    system.wait(is_in_log, "no checkpoint in time")
    return case


@pytest.fixture
def analyst(opened: Open, language: str, scripts: bool) -> Visitor:
    """Sign in an analyst, in the way of the test."""
    return opened(language, "analyst", scripts=scripts)


@pytest.fixture
def at_case(analyst: Visitor, sealed: Sealed) -> Visitor:
    """Open the decisions on the case as an analyst."""
    analyst.go(f"/analyst/decisions/{sealed.id}")
    return analyst


@scripted
def test_the_pages_of_analysts_are_for_everybody(analyst: Visitor, sealed: Sealed) -> None:
    """To eyes and to screen readers, light and dark, on every width, with figures in them."""
    for section in SECTIONS:
        analyst.go(f"/analyst/{section}")
        analyst.look(f"analyst-{section}")
    analyst.go("/analyst/drift?topics=yes")
    analyst.look("analyst-topics")
    analyst.go(f"/analyst/decisions/{sealed.id}")
    analyst.look("analyst-decision")


@each_way
def test_one_question_leads_to_the_next(analyst: Visitor) -> None:
    """Days and groups are chosen in a form, stay in the address, and go along."""
    analyst.go("/analyst/quality")
    analyst.page.locator("#start_date").fill(analyst.page.locator("#end_date").input_value())
    analyst.page.locator("#group_by").select_option("region")
    analyst.follow(analyst.page.locator("main form button"))
    day = analyst.page.locator("#end_date").input_value()

    assert f"start_date={day}" in analyst.page.url
    assert "group_by=region" in analyst.page.url
    analyst.follow(analyst.page.locator(".sections a").nth(4))
    assert analyst.page.locator("#start_date").input_value() == day


@each_way
def test_an_address_shows_a_colleague_the_same(opened: Open, language: str, scripts: bool) -> None:
    """The figures of a page are those of its address, whoever opens it."""
    figures = []
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    for who in ("analyst", "administrator"):
        visitor = opened(language, who, scripts=scripts, width=1280)
        # Of days that are over: cases of other tests are still being counted today.
        visitor.go(f"/analyst/fairness?group_by=region&end_date={yesterday}")
        figures.append(visitor.page.locator("table.figures").inner_text())

    assert figures[0] == figures[1]


@each_way
def test_a_table_is_downloaded(analyst: Visitor) -> None:
    """As a file for a spreadsheet, by a link."""
    analyst.go("/analyst/coverage")
    with analyst.page.expect_download() as download:
        analyst.page.locator("a[download]").first.click()

    assert download.value.suggested_filename == "qyzmet-coverage-series.csv"


@each_way
def test_a_case_is_found_by_its_number(analyst: Visitor, sealed: Sealed) -> None:
    """As it stands on the receipt; its page tells what was decided on it."""
    analyst.go("/analyst/decisions")
    analyst.page.locator("#number").fill(sealed.number)
    analyst.press("Find")

    assert f"/analyst/decisions/{sealed.id}" in analyst.page.url
    assert analyst.page.locator("section.card h2").count() >= 1


FITS = {"kk": "✓ сәйкес", "ru": "✓ сходится", "en": "✓ fits"}


@each_way
def test_the_server_verifies_a_record(at_case: Visitor) -> None:
    """And shows each step, which needs no script."""
    page = at_case.page
    assert page.locator(".verdict.good").first.is_visible()
    marks = page.locator("main > .checks, .content > .checks").first.locator("strong")
    assert marks.all_inner_texts() == [FITS[at_case.language]] * 3

    page.locator("main summary").last.click()
    root = at_case.say("That is the root of the checkpoint.")
    expect(page.get_by_text(root).first).to_be_visible()


@scripted
def test_the_browser_verifies_it_too(at_case: Visitor) -> None:
    """By its own hashes and the log's key, from the proof as downloaded; each step in words."""
    at_case.page.locator("#in-browser button").click()

    at_case.page.locator("#in-browser .verdict.good").wait_for()
    marks = at_case.page.locator("#in-browser .checks strong").all_inner_texts()
    assert marks == [FITS[at_case.language]] * 4
    at_case.look("analyst-verified")


@plain
def test_the_browser_offers_nothing_it_cannot_do(at_case: Visitor) -> None:
    """Without scripts there is no button that does nothing."""
    assert not at_case.page.locator("#in-browser").is_visible()


def spoil(visitor: Visitor, part: str, change: Callable[[Any], Any]) -> list[str]:
    """Change a part of the proof on its way to the browser, and let the browser verify it."""

    def answer(route: Route) -> None:
        told = route.fetch().json()
        whole = told["checkpoint"] if part in ("note", "root_hash") else told["proofs"][0]
        whole[part] = change(whole[part])
        route.fulfill(json=told)

    visitor.page.route("**/proof", answer)
    visitor.page.locator("#in-browser button").click()
    visitor.page.locator("#in-browser .verdict").get_by_text("✗").wait_for()
    assert visitor.page.locator("#in-browser .verdict.bad").is_visible()
    marks = visitor.page.locator("#in-browser .checks li:has(.wrong)").all()
    return [str(one.get_attribute("data-step")) for one in marks]


def other_letter(text: str, place: int) -> str:
    """Return a text with another letter of base64 in one place."""
    return f"{text[:place]}{'A' if text[place] != 'A' else 'B'}{text[place + 1 :]}"


@scripted
@pytest.mark.parametrize(
    ("part", "change", "wrong"),
    [
        ("record", lambda text: text.replace("2", "3", 1), ["root"]),
        ("record", lambda text: f"{text} ", ["root"]),
        ("leaf_index", lambda place: int(place) + 10**6, ["root"]),
        ("hashes", lambda hashes: [*hashes, "no hash"], ["root"]),
        ("root_hash", lambda text: other_letter(text, 5), ["note"]),
        ("note", lambda text: text.replace("\n", " \n", 1), ["signature"]),
        ("note", lambda text: other_letter(text, len(text) - 20), ["signature"]),
        ("note", lambda text: text[: text.rindex("\n\n") + 2], ["signature"]),
    ],
    ids=["byte", "blank", "place", "hash", "root", "origin", "signature", "unsigned"],
)
def test_the_browser_finds_what_was_changed(
    at_case: Visitor, part: str, change: Callable[[Any], Any], wrong: list[str]
) -> None:
    """One byte is enough, wherever it is; and it is told which step does not fit."""
    assert spoil(at_case, part, change) == wrong


@scripted
def test_a_browser_without_the_signature_says_who_checked_it(
    analyst: Visitor, sealed: Sealed
) -> None:
    """Its own part is done all the same."""
    page = analyst.page
    page.add_init_script(
        "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
    )
    analyst.go(f"/analyst/decisions/{sealed.id}")
    page.locator("#in-browser button").click()

    told = str(page.locator("#in-browser").get_attribute("data-half"))
    page.locator("#in-browser .verdict").get_by_text(told).wait_for()
    marks = page.locator("#in-browser .checks strong").all_inner_texts()
    unchecked = f"– {analyst.say('not checked by your browser')}"
    assert marks == [FITS[analyst.language]] * 3 + [unchecked]


@each_way
@pytest.mark.usefixtures("sealed")
def test_the_log_is_searched_by_days_and_by_what_was_decided(analyst: Visitor) -> None:
    """All in the address; the pages and the table hold what is listed."""
    analyst.go("/analyst/decisions")
    page = analyst.page
    today = page.locator("#end_date").input_value()
    page.locator("#start_date").fill(today)
    page.locator("#language").select_option("ru")
    analyst.follow(page.get_by_role("button", name=analyst.say("Show"), exact=True))

    assert f"start_date={today}" in page.url
    assert "language=ru" in page.url
    rows = page.locator("table.figures tbody tr")
    languages = {row.locator("td").nth(4).inner_text() for row in rows.all()}
    assert languages == {analyst.say("Russian")}
    with page.expect_download() as download:
        page.locator("a[download]").first.click()
    table = Path(download.value.path()).read_text("utf-8-sig")
    assert len(table.splitlines()) == rows.count() + 1
    analyst.follow(page.locator("table.figures tbody a").first)
    assert page.locator("#verify").count() == 1
