"""The outermost layer: traces, headers, log lines, and the last net."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from structlog.testing import capture_logs

from services.chassis.application import Platform
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import CASE_ID, Peer

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def lines() -> Iterator[list]:
    """Collect what is logged."""
    with capture_logs() as logged:
        yield logged


def told(lines: list) -> list:
    """Return the lines about requests."""
    return [line for line in lines if line["event"] == "request"]


def test_a_trace_goes_through_to_the_service(http: httpx.Client, peer: Peer) -> None:
    """The caller's trace id reaches the service and comes back with the answer."""
    answer = http.get("/v1/services", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})

    assert TRACE in peer.traceparent
    assert TRACE in answer.headers["traceparent"]


def test_a_malformed_trace_begins_anew(http: httpx.Client) -> None:
    """Nothing a caller makes up gets into the logs as a trace id."""
    answer = http.get("/healthz", headers={"traceparent": "00-made-up-01"})

    assert "made" not in answer.headers["traceparent"]


def test_the_token_goes_through_to_the_service(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """Services hear who asks, and decide."""
    header = sign(Role.ANALYST)

    http.get("/v1/services", headers=header)

    assert f"Bearer {peer.bearer}" == header["Authorization"]


def test_who_did_not_sign_in_is_nobody_to_the_service(http: httpx.Client, peer: Peer) -> None:
    """The gateway lends nobody its own name."""
    http.get("/v1/services")

    assert peer.bearer == ""


@pytest.mark.parametrize("path", ["/healthz", "/none", "/docs", "/openapi.json", "/v1/services"])
def test_every_answer_is_guarded(http: httpx.Client, path: str) -> None:
    """Browsers are told to guess no types and to load nothing."""
    headers = http.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.usefixtures("peer")
def test_a_request_is_one_line(
    http: httpx.Client, lines: list, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """The line holds the template of the route, and neither the id nor the query."""
    http.get(f"/v1/cases/{CASE_ID}?secret=1")

    eventually(lambda: told(lines))
    line = told(lines)[0]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/cases/{case_id}", 200)
    assert CASE_ID not in str(line)
    assert "secret" not in str(line)


def test_words_are_not_logged(
    http: httpx.Client, lines: list, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """Neither an accepted nor a refused text gets into a line."""
    http.post("/v1/cases", json={"text": "my secret"})
    http.post("/v1/cases", json={"text": "my secret", "language": "my secret"})

    eventually(lambda: len(told(lines)) == 2)
    assert "secret" not in str(lines)


@pytest.fixture
def broken(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Break the gateway itself, in a way that quotes what a citizen wrote."""

    def identify(*_header: str, is_public: bool) -> None:
        raise RuntimeError("quoting my secret")

    monkeypatch.setattr(platform.guard, "identify", identify)


@pytest.mark.usefixtures("broken")
def test_what_breaks_in_the_gateway_is_answered(http: httpx.Client) -> None:
    """The caller learns that it broke, and nothing of how."""
    answer = http.get("/v1/services")

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "secret" not in answer.text


@pytest.mark.usefixtures("broken")
def test_what_breaks_in_the_gateway_is_logged_by_place(
    http: httpx.Client, lines: list, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """The log tells the kind and the place; the message might quote somebody."""
    http.get("/v1/services")

    eventually(lambda: told(lines))
    failed = next(line for line in lines if line["event"] == "request failed")
    assert (failed["error"], failed["file"]) == ("RuntimeError", __file__)
    assert "secret" not in str(failed)
