"""The journeys of an analyst: from a question to figures, from a case to its proof."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Route, expect

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
    visitor.follow(visitor.page.locator("main form button").first)


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
    visitor.go("/analyst/drift?topics=yes")
    visitor.look("analyst-topics")
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
    visitor.follow(visitor.page.locator("main form button"))
    day = visitor.page.locator("#end_date").input_value()

    assert f"start_date={day}" in visitor.page.url
    assert "group_by=region" in visitor.page.url
    visitor.follow(visitor.page.locator(".sections a").nth(4))
    assert visitor.page.locator("#start_date").input_value() == day


@WAYS
def test_an_address_shows_a_colleague_the_same(opened: Open, scripts: bool) -> None:
    """The figures of a page are those of its address, whoever opens it."""
    figures = []
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    for who in ("analyst", "administrator"):
        visitor = opened("kk", scripts=scripts, width=1280)
        visitor.sign_in(who)
        # Of days that are over: cases of other tests are still being counted today.
        visitor.go(f"/analyst/fairness?group_by=region&end_date={yesterday}")
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
    expect(visitor.page.get_by_text("That is the root of the checkpoint.").first).to_be_visible()


MARKS = {"kk": "✓ сәйкес", "ru": "✓ сходится", "en": "✓ fits"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browser_verifies_it_too(opened: Open, system: System, language: str) -> None:
    """By its own hashes and the log's key, from the proof as downloaded; each step in words."""
    visitor = opened(language)
    visitor.sign_in("analyst")
    newest_case(visitor, system)
    visitor.page.locator("#in-browser button").click()

    visitor.page.locator("#in-browser .verdict.good").wait_for()
    marks = visitor.page.locator("#in-browser .checks strong").all_inner_texts()
    assert marks == [MARKS[language]] * 4
    visitor.look("analyst-verified")


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
    opened: Open,
    system: System,
    part: str,
    change: Callable[[Any], Any],
    wrong: list[str],
) -> None:
    """One byte is enough, wherever it is; and it is told which step does not fit."""
    visitor = opened("en")
    visitor.sign_in("analyst")
    newest_case(visitor, system)

    assert spoil(visitor, part, change) == wrong


def test_a_browser_without_the_signature_says_who_checked_it(opened: Open, system: System) -> None:
    """Its own part is done all the same."""
    visitor = opened("en")
    visitor.page.add_init_script(
        "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
    )
    visitor.sign_in("analyst")
    newest_case(visitor, system)
    visitor.page.locator("#in-browser button").click()

    told = visitor.page.locator("#in-browser .verdict")
    told.get_by_text("the signature was checked by this server alone").wait_for()
    marks = visitor.page.locator("#in-browser .checks strong").all_inner_texts()
    assert marks == ["✓ fits"] * 3 + ["– not checked by your browser"]


@WAYS
def test_the_log_is_searched_by_days_and_by_what_was_decided(
    opened: Open, system: System, scripts: bool
) -> None:
    """All in the address; the pages and the table hold what is listed."""
    visitor = opened("en", scripts=scripts, width=1280)
    visitor.sign_in("analyst")
    newest_case(visitor, system)
    visitor.go("/analyst/decisions")
    page = visitor.page
    today = page.locator("#end_date").input_value()
    page.locator("#start_date").fill(today)
    page.locator("#language").select_option("ru")
    visitor.follow(page.get_by_role("button", name="Show", exact=True))

    assert f"start_date={today}" in page.url
    assert "language=ru" in page.url
    rows = page.locator("table.figures tbody tr")
    assert {row.locator("td").nth(4).inner_text() for row in rows.all()} == {"Russian"}
    with page.expect_download() as download:
        page.locator("a[download]").first.click()
    table = Path(download.value.path()).read_text("utf-8-sig")
    assert len(table.splitlines()) == rows.count() + 1
    visitor.follow(page.locator("table.figures tbody a").first)
    assert page.locator("#verify").count() == 1


def test_the_browser_offers_nothing_it_cannot_do(opened: Open, system: System) -> None:
    """Without scripts there is no button that does nothing."""
    visitor = opened("en", scripts=False)
    visitor.sign_in("analyst")
    newest_case(visitor, system)

    assert not visitor.page.locator("#in-browser").is_visible()
