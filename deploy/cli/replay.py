"""`qyzmet replay`: a file of requests through a running system, and an honest count."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from classifier.examples import ExampleError, rows
from deploy.cli import portal, terminal
from deploy.cli.portal import Advance, Portal, Request, Sent
from services.chassis import config
from services.chassis.auth import Issuer

PLACES = {"routed": "routed", "confirmation-requested": "confirmed", "triaged": "triaged"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file hold what; the label is optional."""

    text: str = "text"
    label: str = ""
    language: str = "language"
    region: str = "region"


def read_requests(path: Path, columns: Columns, *, skip: int, limit: int) -> list[Request]:
    """Read requests from a CSV or JSONL file, plain or gzip."""
    found: list[Request] = []
    for line, row in rows(path):
        if skip > 0:
            skip -= 1
            continue
        if len(found) == limit:
            break
        for column in filter(None, (columns.text, columns.label)):
            if column not in row:
                raise ExampleError(f"{path}:{line}: there is no column {column!r}")
        if text := str(row[columns.text] or "").strip():
            found.append(_request(row, text, columns))
    return found


def _request(row: Mapping[str, object], text: str, columns: Columns) -> Request:
    language = str(row.get(columns.language) or "")
    return Request(
        text=text[:4000],
        label=str(row[columns.label] or "") if columns.label else "",
        language=language if language in {"kk", "ru", "en", "mixed"} else "",
        region=str(row.get(columns.region) or "") if columns.region else "",
    )


def replay(requests: Sequence[Request], *, url: str, rate: float, token: str) -> dict[str, Any]:
    """Send the requests, wait until all are decided, and return the figures."""
    settings = config.load()
    issuer = Issuer.at(settings.secrets_dir)
    url = url or portal.own_url(settings)
    with terminal.progress("sending") as advance:
        return asyncio.run(_replay(requests, url, rate, token, issuer, advance))


async def _replay(
    requests: Sequence[Request], url: str, rate: float, token: str, issuer: Issuer, advance: Advance
) -> dict[str, Any]:
    async with portal.portal_to(url, token) as door:
        begin = time.monotonic()
        sent = await door.send(requests, rate=rate, advance=advance)
        sending = time.monotonic() - begin
        accepted = [one for one in sent if one.case_id]
        cases = await door.settled([one.case_id for one in accepted], advance=advance)
        feeds = await _feeds(door, issuer, cases, advance)
        titles = _titles(await door.services())
    return _figures(sent, cases, feeds, titles, sending)


async def _feeds(
    door: Portal, issuer: Issuer, cases: Mapping[str, Any], advance: Advance
) -> Mapping[str, list[str]]:
    """Return, for each of the cases, when each office's feed told of its arrival."""
    wanted = {id_ for id_, case in cases.items() if case["state"] == "routed"}
    arrivals: dict[str, list[str]] = {}
    deadline = time.monotonic() + portal.SETTLE_SECONDS
    while True:
        arrivals = {}
        for office in portal.offices_of(cases.values()):
            token = portal.office_token(issuer, office)
            async for event in door.feed(office, token):
                case_id = event["event"]["case_id"]
                if case_id in cases and event["type"].endswith("case.routed.v1"):
                    arrivals.setdefault(case_id, []).append(event["enqueue_time"])
        advance("waiting for the feeds", len(arrivals.keys() & wanted), len(wanted))
        if wanted <= arrivals.keys() or time.monotonic() > deadline:
            return arrivals
        await asyncio.sleep(portal.LOOK_SECONDS)


def _figures(
    sent: Sequence[Sent],
    cases: Mapping[str, Any],
    feeds: Mapping[str, list[str]],
    titles: Mapping[str, str],
    sending: float,
) -> dict[str, Any]:
    accepted = [one for one in sent if one.case_id]
    states = Counter(PLACES.get(case["state"], case["state"]) for case in cases.values())
    routed = [case for case in cases.values() if case["state"] == "routed"]
    online = sum(case["channel"] == "online" for case in routed)
    return {
        "sent": len(sent),
        "accepted": len(accepted),
        "refused": dict(Counter(one.refusal for one in sent if one.refusal)),
        "distinct_cases": len({one.case_id for one in accepted}),
        "routed": states["routed"],
        "confirmed": states["confirmed"],
        "triaged": states["triaged"],
        "undecided": states["submitted"],
        "in_exactly_one_place": sum(_places(case, feeds) == 1 for case in cases.values()),
        "online_share": _share(online, len(routed)),
        "requests_per_second": round(len(sent) / sending, 1) if sending else 0.0,
        "submit_ms": _quantiles([one.seconds for one in accepted]),
        "decision_ms": _quantiles([_decided_after(case) for case in cases.values()]),
        "feed_ms": _quantiles(
            [
                portal.seconds_between(cases[id_]["submit_time"], times[0])
                for id_, times in feeds.items()
            ]
        ),
        "accuracy": _accuracy(accepted, cases, titles),
    }


def _places(case: Mapping[str, Any], feeds: Mapping[str, list[str]]) -> int:
    """Count where a case is: in how many feeds, and whether with people."""
    with_people = case["state"] in {"confirmation-requested", "triaged"}
    return len(feeds.get(case["id"], [])) + with_people


def _decided_after(case: Mapping[str, Any]) -> float:
    decided = [step for step in case["timeline"] if step["case_version"] == 2]
    if not decided:
        return math.nan
    return portal.seconds_between(case["submit_time"], decided[0]["event_time"])


def _titles(services: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return the id of a service by its id and by each of its titles."""
    known = {service["id"]: service["id"] for service in services}
    for service in services:
        known |= dict.fromkeys(service["title"].values(), service["id"])
    return known


def _accuracy(
    accepted: Sequence[Sent], cases: Mapping[str, Any], titles: Mapping[str, str]
) -> dict[str, Any]:
    labelled = [
        (titles.get(one.request.label, one.request.label), cases[one.case_id])
        for one in accepted
        if one.request.label and cases[one.case_id].get("decision")
    ]
    if not labelled:
        return {}
    routed = [(label, case) for label, case in labelled if case["state"] == "routed"]
    ranked = [
        (label, [one["service_id"] for one in case["decision"]["alternatives"]])
        for label, case in labelled
    ]
    return {
        "labelled": len(labelled),
        "top1": _share(sum(names[:1] == [label] for label, names in ranked), len(ranked)),
        "top3": _share(sum(label in names[:3] for label, names in ranked), len(ranked)),
        "routed": len(routed),
        "routed_right": _share(
            sum(case["service_id"] == label for label, case in routed), len(routed)
        ),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median, the 99th percentile and the largest, in milliseconds."""
    known = sorted(one for one in seconds if not math.isnan(one))
    if not known:
        return {}
    last = len(known) - 1
    places = {"p50": last // 2, "p99": math.ceil(last * 0.99), "max": last}
    return {name: round(known[place] * 1000, 1) for name, place in places.items()}


def show(figures: Mapping[str, Any]) -> None:
    """Print the figures as a table for people."""
    table = Table("figure", "value", box=None)
    for name, value in figures.items():
        inner = value.items() if isinstance(value, Mapping) else [("", value)]
        for key, one in inner:
            table.add_row(f"{name} {key}".strip(), str(one))
    terminal.out.print(table)
