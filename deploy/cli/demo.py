"""`qyzmet demo`: thirty requests in three languages through a running system, as a table."""

import asyncio
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from deploy.cli import portal, terminal
from deploy.cli.portal import Request
from deploy.cli.replay import Columns, read_requests
from services.chassis import config

RATE = 20.0
SHOWN_CHARACTERS = 44


def demo(url: str) -> None:
    """Send the bundled requests and print what became of each."""
    path = Path(str(resources.files("classifier"))) / "data" / "demo" / "requests.jsonl"
    requests = read_requests(path, Columns(), skip=0, limit=1000)
    url = url or portal.own_url(config.load())
    with terminal.progress("sending") as advance:
        answers = asyncio.run(_send(requests, url, advance))
    terminal.out.print(table(answers))
    routed = sum(case["state"] == "routed" for _, case in answers)
    terminal.out.print(f"{len(answers)} requests, {routed} handed to an office by themselves")


async def _send(
    requests: Sequence[Request], url: str, advance: portal.Advance
) -> list[tuple[Request, Mapping[str, Any]]]:
    async with portal.portal_to(url) as door:
        sent = await door.send(requests, rate=RATE, advance=advance)
        cases = await door.settled([one.case_id for one in sent if one.case_id], advance=advance)
    return [(one.request, cases[one.case_id]) for one in sent if one.case_id]


def table(answers: Sequence[tuple[Request, Mapping[str, Any]]]) -> Table:
    """Return the table: words → service → office → channel → state → time."""
    shown = Table(header_style="bold")
    # Where the terminal is narrow, words are cut and not what became of them.
    least = {"state": max((len(case["state"]) for _, case in answers), default=0)}
    for name in ("words", "service", "office", "channel", "state", "ms"):
        shown.add_column(name, no_wrap=True, overflow="ellipsis", min_width=least.get(name))
    for request, case in answers:
        decision = case.get("decision", {})
        likely = case.get("service_id") or f"({decision.get('service_id', '')})"
        steps = case["timeline"]
        took = portal.seconds_between(case["submit_time"], steps[-1]["event_time"]) * 1000
        shown.add_row(
            escape(_short(request.text)),
            likely,
            case.get("office", ""),
            case.get("channel", ""),
            case["state"],
            f"{took:.0f}",
        )
    return shown


def _short(text: str) -> str:
    if len(text) <= SHOWN_CHARACTERS:
        return text
    return text[: SHOWN_CHARACTERS - 1] + "…"
