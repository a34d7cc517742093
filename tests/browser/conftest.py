"""A real browser before a running system: Chromium, as people have it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from deploy.ports import free_port
from services.chassis.auth import Issuer
from tests.browser import history, shelf
from tests.browser.desk import Desk
from tests.browser.people import Visitor
from tests.e2e.people import Town
from tests.e2e.words import Words
from tests.mailbox import Mailbox, mail_server
from tests.system import ROOT, System, started

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MILLISECONDS = 30_000
TEXTS_OF_GATE = ROOT / "classifier/data/test/requests.jsonl"
"""A tenth of the bundled ones, so that the gate answers in seconds."""
CALL_SECONDS = 30.0

Open = Callable[..., Visitor]
WrittenTo = Callable[[str], None]
Sessions = dict[tuple[str, str], Any]
"""What a browser keeps, by the address of a system and who signed in there."""
Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="package")
def mailbox() -> Iterator[Mailbox]:
    """Run the mail server that citizens are told by."""
    with mail_server() as box:
        yield box


@pytest.fixture(scope="package")
def system(
    tmp_path_factory: pytest.TempPathFactory, model: Path, mailbox: Mailbox
) -> Iterator[System]:
    """Start every service once, with the bundled model and catalogue, and a way to citizens."""
    settings = {
        "QYZMET_ADDRESSES__FEED": f"127.0.0.1:{free_port()}",
        "QYZMET_NOTIFY__SMTP_HOST": "127.0.0.1",
        "QYZMET_NOTIFY__SMTP_PORT": str(mailbox.port),
        "QYZMET_NOTIFY__SMTP_SECURITY": "none",
        "QYZMET_GATE_EXAMPLES": str(TEXTS_OF_GATE),
    }
    whole = System(tmp_path_factory.mktemp("system"), settings)
    shelf.lay(model, whole.data / "models")
    history.write(whole.data)
    with started(whole):
        yield whole


@pytest.fixture
def was_written_to(mailbox: Mailbox, eventually: Eventually) -> WrittenTo:
    """Wait until a message came for an address."""
    return lambda contact: eventually(lambda: any(contact in one for one in mailbox.recipients))


@pytest.fixture(scope="package")
def town(system: System) -> Iterator[Town]:
    """Return the people around the running system who use no browser."""
    with httpx.Client(base_url=system.url, timeout=CALL_SECONDS) as client:
        yield Town(client, Issuer.at(system.data / "secrets"))


@pytest.fixture(scope="package")
def words(town: Town) -> Words:
    """Return texts by what the running system would decide about them."""
    return Words(town.anonymous)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start the browser once; it is this machine's own, and nothing is downloaded."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail("the tests of pages need Chromium (Debian: chromium)", pytrace=False)
    # Left alone, `expect` gives up after five seconds, which a busy machine may need.
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="package")
def desk(town: Town, words: Words) -> Desk:
    """Bring cases to the desks of the running system."""
    return Desk(town, words)


@pytest.fixture(scope="package")
def sessions() -> Sessions:
    """Keep what browsers keep of those who signed in, so that each signs in once."""
    return {}


@pytest.fixture
def opened(system: System, browser: Browser, sessions: Sessions) -> Iterator[Open]:
    """Open a browser of somebody's own, and close it: `opened("ru", "analyst", scripts=False)`.

    No page may have complained of anything.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(
        language: str, who: str = "", *, scripts: bool = True, width: int = 360
    ) -> Visitor:
        context = browser.new_context(
            base_url=system.url,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 740},
            locale=language,
            storage_state=sessions.get((system.url, who)),
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        contexts.append(context)
        one = Visitor(_watched(context.new_page(), complaints), language, scripts)
        if who and (system.url, who) not in sessions:
            one.sign_in(who)
            sessions[system.url, who] = context.storage_state()
        return one

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def visitor(opened: Open, language: str, scripts: bool) -> Visitor:
    """Open the browser of somebody who did not sign in, in the way of the test."""
    return opened(language, scripts=scripts)


def _watched(page: Page, complaints: list[str]) -> Page:
    """Note what a page complains of: of its own policy, or of a script."""
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: _is_fault(said) and complaints.append(said.text))
    return page


def _is_fault(said: ConsoleMessage) -> bool:
    """Tell whether a line of the console is a fault; that a page answered 4xx is none."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")
