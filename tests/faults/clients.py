"""The world outside: citizens who submit, and an office that accepts, through every fault."""

import json
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

AGAIN_SECONDS = 0.05
LOOK_SECONDS = 0.005
PACE_SECONDS = 0.08
"""Between two requests of a citizen: work enough for every part, and soon done when it ends."""
PATIENCE_SECONDS = 120.0
CALL_SECONDS = 15.0
"""Longer than a gateway waits: what it refuses in the end is told as its refusal."""


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

    def refusals(self) -> Counter[tuple[int, bool]]:
        """Count the submissions not taken, by status and by whether it was told when to retry."""
        return Counter(
            (one["status"], one["retry"]) for one in self.entries() if one["event"] == "answered"
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass
class Clients:
    """Citizens who submit without a pause, and an office that accepts what it is sent."""

    url: str
    journal: Journal
    office_token: str
    texts: Sequence[str]
    office: str = "MIA"
    submitters: int = 4
    cursor: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    acknowledged: int = 0
    refused: int = 0
    accepted: int = 0

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
                thread.join(PATIENCE_SECONDS)

    def more(self, cases: int) -> None:
        """Wait until so many more submissions are acknowledged."""
        wanted = self.acknowledged + cases
        self.until(lambda: self.acknowledged >= wanted)

    def until(self, condition: Callable[[], bool], *, every: float = LOOK_SECONDS) -> None:
        """Wait until something is true, whatever is refused meanwhile."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "it did not become true in time"
            time.sleep(every)

    def _submit_without_end(self) -> None:
        with httpx.Client(base_url=self.url, timeout=CALL_SECONDS) as client:
            while not self.stopping.wait(PACE_SECONDS):
                self._submit(client)

    def _submit(self, client: httpx.Client) -> None:
        """Send one request again and again, with one key, until there is an answer."""
        key = str(uuid.uuid4())
        text = self.texts[hash(key) % len(self.texts)]
        self.journal.write(event="sent", key=key)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = client.post(
                    "/v1/cases",
                    json={"text": text, "region": "75"},
                    headers={"Idempotency-Key": key},
                )
            except httpx.TransportError as error:
                self.journal.write(event="unanswered", key=key, error=type(error).__name__)
                time.sleep(AGAIN_SECONDS)
                continue
            if answer.status_code == 201:
                self.journal.write(event="acknowledged", key=key, case_id=answer.json()["id"])
                self.acknowledged += 1
                return
            retry = "retry-after" in answer.headers
            self.journal.write(event="answered", key=key, status=answer.status_code, retry=retry)
            self.refused += 1
            time.sleep(AGAIN_SECONDS)
        raise AssertionError("no acknowledgement in time")

    def _accept_without_end(self) -> None:
        headers = {"Authorization": f"Bearer {self.office_token}"}
        with httpx.Client(base_url=self.url, timeout=CALL_SECONDS, headers=headers) as client:
            while not self.stopping.is_set():
                try:
                    self._accept_page(client)
                except httpx.TransportError:
                    time.sleep(AGAIN_SECONDS)

    def _accept_page(self, client: httpx.Client) -> None:
        path = f"/v1/offices/{self.office}/events"
        answer = client.get(path, params={"after_sequence": self.cursor, "page_size": 20})
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
                    time.sleep(AGAIN_SECONDS)
                    return
                self.journal.write(event="accept", case_id=case_id, status=accepted.status_code)
                self.accepted += accepted.status_code == 200
            self.cursor = event["sequence"]
        if not events:
            time.sleep(AGAIN_SECONDS)
