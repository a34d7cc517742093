"""A browser without a screen at our pages: its cookies, and the mark that its forms carry."""

import asyncio
import re
import uuid

import httpx

from tests.system import System

MARK = re.compile(r'name="form" value="([^"]+)"')
STATE = re.compile(r'name="(state|challenge)" value="([^"]+)"')
PATIENCE_SECONDS = 30
DECIDED_SECONDS, LOOK_SECONDS = 20.0, 0.05


def browser(running: System) -> httpx.AsyncClient:
    """Return a browser in which nobody signed in."""
    return httpx.AsyncClient(base_url=running.url, timeout=PATIENCE_SECONDS, follow_redirects=True)


async def mark(browser: httpx.AsyncClient) -> str:
    """Return the mark of forms that were made for this browser."""
    return _mark_in(await browser.get("/ru/"))


async def sign_in(browser: httpx.AsyncClient, who: str) -> None:
    """Sign in as a demo user."""
    page = await browser.get("/ru/sign-in/start")
    fields = {"form": _mark_in(page), "who": who, **dict(STATE.findall(page.text))}
    (await browser.post("/ru/demo-sign-in", data=fields)).raise_for_status()


async def submit(browser: httpx.AsyncClient, text: str) -> str:
    """Send a request as a program does, and return the id of its case."""
    answer = await browser.post(
        "/v1/cases", json={"text": text}, headers={"Idempotency-Key": str(uuid.uuid4())}
    )
    return str(answer.json()["id"])


async def decided(browser: httpx.AsyncClient, case_id: str) -> None:
    """Wait until it is decided upon a case."""
    async with asyncio.timeout(DECIDED_SECONDS):
        while (await browser.get(f"/v1/cases/{case_id}")).json()["state"] == "submitted":
            await asyncio.sleep(LOOK_SECONDS)


def _mark_in(page: httpx.Response) -> str:
    found = MARK.search(page.text)
    assert found
    return found.group(1)
