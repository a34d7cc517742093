"""The ledger checker: what was acknowledged to the outside, held against everything inside.

A client writes down its own acknowledgements, on disk, before and after each call. When
all is quiet again an auditor who trusts nobody opens the databases and the bus and asks:
is each acknowledged request there once, is each decision logged once, did each office get
each case once and in order, without a gap?
"""

import json
import os
import sqlite3
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from services.chassis.application import utc_now
from services.chassis.bus.embedded import EmbeddedBus

TOPIC = "qyzmet.cases.v1"
AGAIN_SECONDS = 0.05
QUIET_SECONDS = 120.0
TEXTS = (
    "нужен паспорт для поездки за границу",
    "нужна справка о несудимости для работы",
    "my car was sold and I need to re-register it",
    "әскерден кейінге қалдыру керек, студентпін",
    "хочу открыть ИП",
    "балабақшаға кезекке тұрғым келеді",
    "hello how are you",
)


class Journal:
    """What a client wrote down: each line is on disk before the client goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._lock = threading.Lock()
        self.path = path

    def write(self, **entry: Any) -> None:
        """Write one line and wait for the disk."""
        with self._lock:
            self._file.write(json.dumps(entry).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def entries(self) -> list[dict[str, Any]]:
        """Read everything back."""
        return [json.loads(line) for line in self.path.read_bytes().splitlines()]

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass
class Clients:
    """Citizens who submit without a pause, and an office that accepts what it is sent."""

    url: str
    journal: Journal
    office_token: str
    office: str = "MIA"
    submitters: int = 4
    stopping: threading.Event = field(default_factory=threading.Event)
    acknowledged: int = 0

    @contextmanager
    def busy(self) -> Iterator["Clients"]:
        """Keep everybody busy inside the block; each ends with an answer to its last call."""
        work = [self._submit_without_end] * self.submitters + [self._accept_without_end]
        threads = [threading.Thread(target=one) for one in work]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join(QUIET_SECONDS)

    def _submit_without_end(self) -> None:
        with httpx.Client(base_url=self.url, timeout=10) as client:
            while not self.stopping.is_set():
                self._submit(client)

    def _submit(self, client: httpx.Client) -> None:
        """Send one request again and again, with one key, until there is an answer."""
        key = str(uuid.uuid4())
        text = f"{TEXTS[hash(key) % len(TEXTS)]} {key[:8]}"
        self.journal.write(event="sent", key=key)
        deadline = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = client.post(
                    "/v1/cases",
                    json={"text": text, "region": "75"},
                    headers={"Idempotency-Key": key},
                )
            except httpx.TransportError:
                time.sleep(AGAIN_SECONDS)
                continue
            if answer.status_code == 201:
                self.journal.write(event="acknowledged", key=key, case_id=answer.json()["id"])
                self.acknowledged += 1
                return
            self.journal.write(event="answered", key=key, status=answer.status_code)
            time.sleep(AGAIN_SECONDS)
        raise AssertionError("no acknowledgement in time")

    def _accept_without_end(self) -> None:
        cursor = 0
        headers = {"Authorization": f"Bearer {self.office_token}"}
        with httpx.Client(base_url=self.url, timeout=10, headers=headers) as client:
            while not self.stopping.is_set():
                try:
                    cursor = self._accept_page(client, cursor)
                except httpx.TransportError:
                    time.sleep(AGAIN_SECONDS)

    def _accept_page(self, client: httpx.Client, cursor: int) -> int:
        path = f"/v1/offices/{self.office}/events"
        answer = client.get(path, params={"after_sequence": cursor, "page_size": 20})
        events = answer.json()["events"] if answer.status_code == 200 else []
        for event in events:
            if event["type"].endswith("case.routed.v1"):
                case_id = event["event"]["case_id"]
                accepted = client.post(
                    f"/v1/cases/{case_id}:accept",
                    json={"office": self.office},
                    headers={"Idempotency-Key": f"accept-{case_id}"},
                )
                if accepted.status_code >= 500:
                    return cursor
                self.journal.write(event="accept", case_id=case_id, status=accepted.status_code)
            cursor = event["sequence"]
        if not events:
            time.sleep(AGAIN_SECONDS)
        return int(cursor)


@dataclass(frozen=True)
class Account:
    """What the auditor found."""

    acknowledged: int
    cases: int
    lost: int
    doubled: int
    out_of_order: int
    unlogged: int
    undelivered: int
    gaps: int
    republished: int

    @property
    def is_clean(self) -> bool:
        """Tell whether every promise was kept; publishing twice breaks none of them."""
        faults = (self.lost, self.doubled, self.out_of_order, self.unlogged, self.undelivered)
        return not any(faults) and not self.gaps

    def __str__(self) -> str:
        return "ledger: " + " · ".join(f"{value} {name}" for name, value in vars(self).items())


def wait_until_quiet(data: Path) -> None:
    """Wait until every case is decided, the outbox is empty, and the consumers are at the end."""
    deadline = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < deadline:
        if _is_quiet(data):
            return
        time.sleep(0.1)
    raise AssertionError("not quiet in time")


def _is_quiet(data: Path) -> bool:
    waiting = "select (select count(*) from outbox) + (select count(*) from cases where state = ?)"
    if _rows(data / "cases.sqlite", waiting, "submitted")[0][0]:
        return False
    last = dict(_rows(data / "cases.sqlite", "select id, version from cases"))
    delivered = dict(_rows(data / "delivery.sqlite", "select case_id, case_version from seen"))
    audited = dict(_rows(data / "audit.sqlite", "select case_id, case_version from seen"))
    return last == delivered == audited


def audit(journal: Journal, data: Path) -> Account:
    """Hold the client's journal against the databases and the bus of a system that stands still."""
    acknowledged: dict[str, set[str]] = defaultdict(set)
    for entry in journal.entries():
        if entry["event"] == "acknowledged":
            acknowledged[entry["key"]].add(entry["case_id"])
    cases = dict(_rows(data / "cases.sqlite", "select id, version from cases"))
    keys = Counter(
        key for (key,) in _rows(data / "cases.sqlite", "select request_id from submissions")
    )
    published = _published(data)
    ids = {case_id for ids in acknowledged.values() for case_id in ids}
    return Account(
        acknowledged=len(acknowledged),
        cases=len(cases),
        lost=len(ids - cases.keys()) + len(acknowledged.keys() - keys.keys()),
        doubled=sum(len(ids) > 1 for ids in acknowledged.values())
        + sum(count > 1 for count in keys.values())
        + max(len(cases) - len(keys), 0)
        + _doubled_deliveries(data),
        out_of_order=_disorder(published) + _disorder(_delivered(data)),
        unlogged=_unlogged(data),
        undelivered=_undelivered(data),
        gaps=_gaps(data)
        + sum(set(published[id_]) != set(range(1, v + 1)) for id_, v in cases.items()),
        republished=sum(len(versions) - len(set(versions)) for versions in published.values()),
    )


def _published(data: Path) -> dict[str, list[int]]:
    """Return the versions on the bus, by case, in the order of the bus."""
    versions: dict[str, list[int]] = defaultdict(list)
    bus = EmbeddedBus(data / "bus.sqlite", now=utc_now)
    try:
        for record in bus.history(TOPIC):
            versions[record.key].append(json.loads(record.value or b"")["case_version"])
    finally:
        bus.close()
    return versions


def _delivered(data: Path) -> dict[str, list[int]]:
    """Return the versions in the feeds, by office and case, in the order of the feed."""
    versions: dict[str, list[int]] = defaultdict(list)
    query = "select office, case_id, case_version from feed order by office, sequence"
    for office, case_id, version in _rows(data / "delivery.sqlite", query):
        versions[f"{office}/{case_id}"].append(version)
    return versions


def _disorder(sequences: dict[str, list[int]]) -> int:
    """Count versions that first appear after a later one of the same case."""
    wrong = 0
    for versions in sequences.values():
        firsts = list(dict.fromkeys(versions))
        wrong += sum(later < earlier for earlier, later in pairwise(firsts))
    return wrong


def _doubled_deliveries(data: Path) -> int:
    return sum(len(found) - len(set(found)) for found in _delivered(data).values())


def _undelivered(data: Path) -> int:
    """Count steps that put a case with an office and are not in that office's feed."""
    steps = _rows(
        data / "cases.sqlite", "select office, case_id, case_version from steps where office <> ''"
    )
    feed = _rows(data / "delivery.sqlite", "select office, case_id, case_version from feed")
    return len(set(steps) - set(feed))


def _unlogged(data: Path) -> int:
    """Count decisions of cases that audit does not hold exactly once."""
    decided = "('routed', 'confirmation-requested', 'triaged')"
    steps = _rows(
        data / "cases.sqlite", f"select case_id, case_version from steps where type in {decided}"
    )
    logged = _rows(data / "audit.sqlite", "select case_id, case_version from decisions")
    return sum((Counter(steps) - Counter(logged)).values()) + sum(
        (Counter(logged) - Counter(steps)).values()
    )


def _gaps(data: Path) -> int:
    """Count sequences missing from any office's feed."""
    query = "select office, count(*), max(sequence), min(sequence) from feed group by office"
    found = _rows(data / "delivery.sqlite", query)
    return sum(highest - count + lowest - 1 for _, count, highest, lowest in found)


def _rows(path: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        return connection.execute(query, values).fetchall()
