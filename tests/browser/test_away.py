"""What citizens see while parts of the system are away, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from services.chassis.auth import Issuer
from tests.browser.conftest import CALL_SECONDS, Open
from tests.browser.people import WAYS
from tests.e2e.people import Town
from tests.system import Apart, started

LATE = {
    "QYZMET_AUDIT__CHECKPOINT_SECONDS": "3600",
    "QYZMET_AUDIT__CHECKPOINT_RECORDS": "1000000",
}
"""No test is so long that its decisions are sealed."""


@pytest.fixture
def system(tmp_path: Path, model: Path) -> Iterator[Apart]:
    """Start each service in a process of its own, in place of those of other tests."""
    whole = Apart(tmp_path / "data", LATE | {"QYZMET_MODEL": str(model)})
    with started(whole):
        yield whole


def test_what_is_away_is_told_to_everybody(opened: Open, system: Apart) -> None:
    """To eyes and to screen readers: a proof that waits, no search, and no request to be shown."""
    visitors = [opened(language, scripts=scripts) for language, scripts in WAYS]
    with httpx.Client(base_url=system.url, timeout=CALL_SECONDS) as client:
        case = Town(client, Issuer.at(system.data / "secrets")).anonymous.submit("Паспорт керек")
    for visitor in visitors:
        visitor.go(f"/cases/{case['id']}/proof")
        assert visitor.heading == visitor.say("The proof is not ready yet")
        visitor.look("proof-waits")

    system.kill("routing")
    for visitor in visitors:
        visitor.go("/")
        visitor.page.locator("#text").fill("Паспорт керек")
        visitor.press("Find the service")
        told = visitor.say("The search is away for a moment")
        expect(visitor.page.get_by_role("heading", name=told)).to_be_visible()
        visitor.look("search-away")

    system.kill("cases")
    for visitor in visitors:
        visitor.go(f"/cases/{case['id']}")
        assert visitor.heading == visitor.say("A part of the system is away for a moment")
        visitor.look("away")
