"""The examples for an office's programmer that need no broker, run as they stand."""

import json
import runpy
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import grpc
import httpx
import pytest
from standardwebhooks import Webhook

from deploy.ports import answers, free_port
from qyzmet.cases.v1.cases_pb2 import STATE_ACCEPTED
from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from tests.integration.test_office_consumer import rows
from tests.system import ROOT
from tests.unit.delivery.conftest import MIA, Offices, catalog, offices, platform, timeout_seconds
from tests.unit.delivery.stories import message

__all__ = ["catalog", "offices", "platform", "timeout_seconds"]

EXAMPLES = ROOT / "deploy" / "examples"
CASES, VERSIONS = 10, 3
SECRET = "whsec_c2VjcmV0"
TOO_OLD = timedelta(minutes=10)
Eventually = Callable[[Callable[[], object]], None]


@contextmanager
def running(name: str, *arguments: str) -> Iterator[None]:
    """Run an example, and kill it at the end as a power cut would."""
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGKILL)


def tell(offices: Offices, version: int) -> None:
    offices.tell(*(message(f"c{n}", version, state=STATE_ACCEPTED) for n in range(CASES)))


def check(kept: Path) -> None:
    """Each case is at its last version, and work was done for each version once."""
    assert rows(kept) == [(f"c{n}", VERSIONS, VERSIONS) for n in range(CASES)]


def test_a_stream_is_read_with_each_effect_once(
    offices: Offices, tmp_path: Path, eventually: Eventually
) -> None:
    """Killed in the middle and started again, it takes what is acknowledged late and drops it."""
    kept = tmp_path / "office.sqlite"
    offices.manage("CreateSubscription", kind=pb.SUBSCRIPTION_KIND_STREAM)
    token = tmp_path / "token"
    token.write_text(offices.platform.issuer.issue(MIA, seconds=600))
    arguments = ("MIA", "desk", offices.platform.addresses["feed"], str(token), str(kept))

    for version in range(1, VERSIONS + 1):
        tell(offices, version)
        with running("office_stream.py", *arguments):
            eventually(
                lambda seen=version: (
                    {row[1] for row in rows(kept)} == {seen} and len(rows(kept)) == CASES
                )
            )  # type: ignore[misc]

    assert offices.state().position < CASES * VERSIONS
    check(kept)


class Ended(grpc.RpcError, grpc.Call):
    """What a call ends with."""

    def __init__(self, code: grpc.StatusCode) -> None:
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "ended"


def test_a_reader_goes_on_after_what_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow acknowledgement, a restart, an old token: only what stays ends it.

    And it notices a line that was lost without a word.
    """
    codes = grpc.StatusCode
    passing = [codes.UNAVAILABLE, codes.DEADLINE_EXCEEDED, codes.UNAUTHENTICATED, codes.CANCELLED]
    ends = iter([*map(Ended, passing), Ended(codes.PERMISSION_DENIED)])
    example = runpy.run_path(str(EXAMPLES / "office_stream.py"))
    opened: list[dict[str, int]] = []

    def read(*_: object) -> None:
        raise next(ends)

    def open_channel(address: str, options: list[tuple[str, int]]) -> None:
        opened.append(dict(options))

    monkeypatch.setattr(grpc, "insecure_channel", open_channel)
    main = example["main"]
    monkeypatch.setitem(main.__globals__, "time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setitem(main.__globals__, "read", read)
    monkeypatch.setitem(main.__globals__, "CursorServiceStub", lambda channel: channel)

    with pytest.raises(Ended) as last:
        main("MIA", "desk", "nowhere", "token", str(tmp_path / "office.sqlite"))

    assert last.value.code() is codes.PERMISSION_DENIED
    assert 0 < opened[0]["grpc.keepalive_time_ms"] <= 60_000
    assert opened[0]["grpc.http2.max_pings_without_data"] == 0


def test_webhooks_are_received_with_each_effect_once(
    offices: Offices, tmp_path: Path, eventually: Eventually
) -> None:
    """What comes while the receiver is dead comes when it lives; what comes twice has no effect."""
    kept, port = tmp_path / "office.sqlite", free_port()
    url = f"http://127.0.0.1:{port}/"
    kind = pb.SUBSCRIPTION_KIND_WEBHOOK
    secret = offices.manage("CreateSubscription", kind=kind, url=url).secret
    arguments = (str(port), secret, str(kept))

    with running("webhook_receiver.py", *arguments):
        eventually(lambda: answers(port))
        offices.manage("ActivateSubscription")
        tell(offices, 1)
        eventually(lambda: len(rows(kept)) == CASES)
    tell(offices, 2)
    eventually(lambda: offices.manage("ListAttempts").attempts[0].code == "CONNECT")
    with running("webhook_receiver.py", *arguments):
        eventually(lambda: answers(port))
        offices.manage("SeekSubscription", after_sequence=0)
        offices.manage("ActivateSubscription")
        tell(offices, 3)
        eventually(lambda: {row[1] for row in rows(kept)} == {VERSIONS})

    check(kept)


def test_a_forged_webhook_is_refused_and_changes_nothing(
    tmp_path: Path, eventually: Eventually
) -> None:
    """Without the secret nobody writes into the office's books."""
    kept, port = tmp_path / "office.sqlite", free_port()
    with running("webhook_receiver.py", str(port), SECRET, str(kept)):
        eventually(lambda: answers(port))
        headers = {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}

        answer = httpx.post(f"http://127.0.0.1:{port}/", content=b"{}", headers=headers)

        assert answer.status_code == 401
        with closing(sqlite3.connect(kept)) as db:
            assert db.execute("SELECT count(*) FROM cases").fetchone() == (0,)


def test_a_replayed_webhook_changes_nothing(tmp_path: Path, eventually: Eventually) -> None:
    """Within five minutes its version is known, and after that its signature is too old."""
    kept, port = tmp_path / "office.sqlite", free_port()
    with running("webhook_receiver.py", str(port), SECRET, str(kept)):
        eventually(lambda: answers(port))
        event = {"event": {"case_id": "c1", "case_version": 1, "state": "routed"}}

        with socket.create_connection(("127.0.0.1", port)):  # who says nothing stops nobody
            told = [send(port, event), send(port, event), send(port, event, age=TOO_OLD)]

        assert [answer.status_code for answer in told] == [200, 200, 401]
        assert rows(kept) == [("c1", 1, 1)]


def send(port: int, event: object, age: timedelta = timedelta(0)) -> httpx.Response:
    """Send an event as it was signed so long ago."""
    body, sent = json.dumps(event), datetime.now(UTC) - age
    signature = Webhook(SECRET).sign("c1:1", sent, body)
    headers = {
        "webhook-id": "c1:1",
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": signature,
    }
    return httpx.post(f"http://127.0.0.1:{port}/", content=body, headers=headers)


@pytest.mark.parametrize("name", ["office_stream.py", "webhook_receiver.py"])
def test_an_example_fits_on_a_page(name: str) -> None:
    """At most sixty lines, or nobody copies it."""
    assert len((EXAMPLES / name).read_text().splitlines()) <= 60
