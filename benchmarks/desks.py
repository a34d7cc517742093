"""Each page with many cases stored, for one who asks at a time: what they wait for."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from benchmarks import analyst, capacity, forms, growth, load, servers, texts
from benchmarks.numbers import quantiles
from benchmarks.servers import Ground
from benchmarks.texts import Routed
from classifier.examples import read_bundled
from tests.system import System

LOADS = 65
COLD = 5
"""The first loads, which fill what is kept between them."""
OWN_CASES = 25
UNSURE = 200
"""Cases that wait for somebody's choice, before there are many of each."""
OFFICER, TRIAGE, STEWARD = "officer of MIA", "triage officer", "catalogue steward"
ANALYST = "analyst"
SERVICE = "identity.passport"
SURE, VAGUE = "Паспорт керек", "Помогите, не знаю куда обратиться"
"""What goes to the office, and what waits for a person to choose."""

CASE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Load = Callable[[], Awaitable[httpx.Response]]


def pages(stored: int) -> dict[str, Any]:
    """Return the time of each page with so many cases stored."""
    routed = texts.routed(servers.model())
    with servers.system(Ground.EMBEDDED, apart=True) as running:
        load.run(capacity.run(running, routed, growth.SEED_SECONDS))
        load.run(_unsure(running, routed))
        now = growth.grow(running, stored)
        _a_year(running, stored)
        return {"stored": now, "milliseconds": asyncio.run(_each_page(running))}


def _a_year(running: System, cases: int) -> None:
    """Let analysts have a year of cases to look at, beside those that are stored."""
    running.stop()
    analyst.fill(next(running.data.rglob("audit.sqlite")).parent, cases)
    running.start()


async def _unsure(running: System, routed: Sequence[Routed]) -> None:
    """Send what the model does not route by itself, and let it be decided upon."""
    sure = {one.text for one in routed}
    vague = [one.text for one in read_bundled() if one.text not in sure][: UNSURE // 2]
    async with forms.browser(running) as browser:
        for text in (*vague, *[VAGUE] * (UNSURE - len(vague))):
            await forms.submit(browser, text)
        await forms.decided(browser, await forms.submit(browser, VAGUE))


async def _each_page(running: System) -> dict[str, Any]:
    """Return the time of each page, by who looks at it."""
    found = {}
    for who, look in DESKS.items():
        async with forms.browser(running) as browser:
            await forms.sign_in(browser, who)
            asked = await look(browser, running)
            found[who] = {name: quantiles(await _times(ask)) for name, ask in asked.items()}
    return found


async def _citizen(browser: httpx.AsyncClient, running: System) -> Mapping[str, Load]:
    mark = await forms.mark(browser)
    sent = [await _send(browser, mark, number) for number in range(OWN_CASES)]
    case, receipt = sent[0].partition("/receipt")[0], sent[0]
    words = {"form": mark, "text": "нужен паспорт"}
    return _gets(browser, "/ru/", receipt, case, "/ru/cases", f"/ru/services/{SERVICE}") | {
        "found": lambda: browser.post("/ru/", data=words),
        "found while typing": lambda: browser.post("/ru/suggestions", data=words),
    }


async def _send(browser: httpx.AsyncClient, mark: str, number: int) -> str:
    """Send a request as a page does; return the address of its receipt."""
    fields = {"form": mark, "text": f"{SURE} {number}", "key": str(number)}
    answer = await browser.post("/ru/send", data=fields, follow_redirects=False)
    return str(answer.headers["location"])


async def _new_case(running: System, text: str) -> str:
    """Send a request, and return its case once it is decided upon."""
    async with forms.browser(running) as browser:
        case_id = await forms.submit(browser, text)
        await forms.decided(browser, case_id)
    return case_id


async def _officer(browser: httpx.AsyncClient, running: System) -> Mapping[str, Load]:
    case = await _new_case(running, SURE)
    return _gets(
        browser,
        *(f"/ru/office?view={view}" for view in ("todo", "new", "late", "soon", "done", "all")),
        f"/ru/office?service={SERVICE}",
        f"/ru/office/cases/{case}",
        f"/ru/office/cases/{case}?read=1",
    )


async def _triage(browser: httpx.AsyncClient, running: System) -> Mapping[str, Load]:
    case = await _new_case(running, VAGUE)
    return _gets(
        browser,
        *(f"/ru/triage?view={view}" for view in ("todo", "late", "asked", "all")),
        f"/ru/triage/cases/{case}",
        f"/ru/triage/cases/{case}?find=паспорт",
    )


async def _steward(browser: httpx.AsyncClient, running: System) -> Mapping[str, Load]:
    service = f"/ru/steward/services/{SERVICE}"
    return _gets(
        browser,
        "/ru/steward",
        "/ru/steward?q=паспорт",
        *(f"{service}{part}" for part in ("", "/merge", "/split", "/model")),
        "/ru/steward/draft",
        "/ru/steward/changes",
    )


async def _analyst(browser: httpx.AsyncClient, running: System) -> Mapping[str, Load]:
    case = await _new_case(running, SURE)
    today = datetime.now(UTC).date()
    year = f"start_date={today - timedelta(analyst.DAYS - 1)}&end_date={today}"
    root = "/ru/analyst"
    pages = (
        *("coverage", "quality", "drift", "fairness", "times", "programmes", "decisions"),
        *(f"coverage?group_by={group}" for group in ("agency", "life-event", "language", "region")),
        *(f"quality?group_by={group}" for group in ("day", "service", "region", "model")),
        *("drift?topics=yes", "fairness?group_by=region", "times?group_by=service"),
        *(f"decisions?{one}" for one in ("outcome=triage", "language=en", "model=f")),
    )
    return {
        **_gets(browser, f"{root}/model", f"{root}/decisions/{case}"),
        **{one: _get(browser, f"{root}/{one}{'&' if '?' in one else '?'}{year}") for one in pages},
        "coverage of 30 days": _get(browser, f"{root}/coverage"),
        "decisions of a service": _get(browser, f"{root}/decisions?service_id={SERVICE}&{year}"),
    }


DESKS = {
    "citizen": _citizen,
    OFFICER: _officer,
    TRIAGE: _triage,
    STEWARD: _steward,
    ANALYST: _analyst,
}


def _gets(browser: httpx.AsyncClient, *paths: str) -> dict[str, Load]:
    return {_named(path): _get(browser, path) for path in paths}


def _get(browser: httpx.AsyncClient, path: str) -> Load:
    return lambda: browser.get(path)


def _named(path: str) -> str:
    """Return an address without the ids of this run."""
    return CASE.sub("…", path)


async def _times(ask: Load) -> Sequence[float]:
    waited = []
    for _ in range(LOADS):
        begin = time.monotonic()
        (await ask()).raise_for_status()
        waited.append(time.monotonic() - begin)
    return waited[COLD:]
