"""Every refusal over HTTP is a problem that tells what to change, and nothing of what was sent."""

import httpx
import pytest

from services.chassis.errors import (
    ConflictError,
    DeadlineError,
    IdempotencyKeyReusedError,
    NotFoundError,
    OverloadedError,
    UnavailableError,
    VersionConflictError,
)
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import CASE_ID, Peer

JSON = {"Content-Type": "application/json"}

BAD_BODIES = {
    "no body": (b"", 400, "INVALID"),
    "an empty text": (b'{"text": ""}', 400, "INVALID"),
    "a text too long": (b'{"text": "' + b"a" * 4001 + b'"}', 400, "INVALID"),
    "a text that is no string": (b'{"text": 7}', 400, "INVALID"),
    "a text with NUL": (b'{"text": "a\\u0000b"}', 400, "INVALID"),
    "half of a surrogate pair": (b'{"text": "\\ud800"}', 400, "MALFORMED_JSON"),
    "an unknown field": (b'{"text": "a", "state": "routed"}', 400, "INVALID"),
    "an unknown language": (b'{"text": "a", "language": "fr"}', 400, "INVALID"),
    "a region that is none": (b'{"text": "a", "region": "Almaty"}', 400, "INVALID"),
    "a list": (b"[]", 400, "INVALID"),
    "half of a JSON": (b'{"text": ', 400, "MALFORMED_JSON"),
    "two JSONs": (b'{"text": "a"}{}', 400, "MALFORMED_JSON"),
    "a NaN": (b'{"text": "a", "region": NaN}', 400, "MALFORMED_JSON"),
    "a number of 5,000 digits": (b'{"text": ' + b"9" * 5000 + b"}", 400, "MALFORMED_JSON"),
    "a JSON 20,000 deep": (b"[" * 20_000 + b"]" * 20_000, 400, "MALFORMED_JSON"),
    "bytes that are not UTF-8": (b'{"text": "\xff\xfe"}', 400, "MALFORMED_JSON"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 400, "MALFORMED_JSON"),
    "one megabyte": (b'{"text": "' + b"a" * 1_000_000 + b'"}', 413, "TOO_LARGE"),
}


@pytest.mark.parametrize(("body", "status", "code"), BAD_BODIES.values(), ids=list(BAD_BODIES))
def test_a_bad_body_is_refused(
    http: httpx.Client, peer: Peer, body: bytes, status: int, code: str
) -> None:
    """Whatever is wrong with a body is told as a problem, and no service hears of it."""
    answer = http.post("/v1/cases", content=body, headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert peer.asked == []


@pytest.mark.parametrize("number", ["-1", "9223372036854775808", "1e400", "1.0", '"1"', "true"])
def test_a_version_that_is_none_is_refused(http: httpx.Client, peer: Peer, number: str) -> None:
    """A version is a whole number that fits, and neither a text nor a truth value."""
    body = f'{{"expected_version": {number}}}'

    answer = http.post(f"/v1/cases/{CASE_ID}:withdraw", content=body, headers=JSON)

    assert answer.json()["errors"][0]["field"] == "expected_version"
    assert peer.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/v1/cases/",
        "/v1/cases/17",
        f"/v1/cases/{CASE_ID}%00",
        "/v1/cases/%ff",
        "/v1/services/a%20b",
        f"/v1/offices/{'a' * 65}/events",
    ],
)
def test_what_cannot_exist_is_not_found(
    http: httpx.Client, peer: Peer, sign: Sign, path: str
) -> None:
    """Unknown paths and ids that no service could know answer 404."""
    answer = http.get(path, headers=sign(Role.OFFICER, "MIA"))

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert peer.asked == []


@pytest.mark.parametrize(
    "query", ["page_size=0", "page_size=201", "page_size=9" + "9" * 5000, "state=lost", "office="]
)
def test_a_bad_query_is_refused(http: httpx.Client, peer: Peer, query: str) -> None:
    """The parameter that must change is named."""
    answer = http.get(f"/v1/cases?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.split("=", maxsplit=1)[0]
    assert peer.asked == []


def test_a_missing_key_is_refused_before_anything_else(http: httpx.Client, peer: Peer) -> None:
    """Without a key nothing is changed, even where the body is wrong as well."""
    del http.headers["Idempotency-Key"]

    answer = http.post("/v1/cases", json={"texts": "a"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "IDEMPOTENCY_KEY_MISSING"
    assert peer.asked == []


@pytest.mark.parametrize("key", [b"a" * 129, b"\xd0\xba", b"a\tb"])
def test_a_malformed_key_is_refused(http: httpx.Client, key: bytes) -> None:
    """A key has 1 to 128 printable ASCII characters."""
    answer = http.post("/v1/cases", json={"text": "a"}, headers={"Idempotency-Key": key})

    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/json; charset=x"])
def test_another_media_type_is_refused(http: httpx.Client, kind: str) -> None:
    """A body that is not declared as JSON answers 415."""
    answer = http.post("/v1/cases", content=b'{"text":"a"}', headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_wrong_method_learns_the_right_ones(http: httpx.Client) -> None:
    """405 names every method of the path."""
    answer = http.delete("/v1/cases")

    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic YTpi", "Bearer", b"Bearer \xff\xfe"])
def test_a_token_that_is_none_is_refused(
    http: httpx.Client, peer: Peer, header: str | bytes
) -> None:
    """A token that does not verify answers 401 at this door, before any service hears of it."""
    answer = http.get("/v1/services", headers={"Authorization": header})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert peer.asked == []


def test_a_role_that_may_not_is_refused(http: httpx.Client, sign: Sign) -> None:
    """The services' policy is told as 403."""
    body = {"office": "MIA"}

    answer = http.post(f"/v1/cases/{CASE_ID}:accept", json=body, headers=sign(Role.ANALYST))

    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError(), 404),
        (ConflictError(), 409),
        (VersionConflictError(), 409),
        (IdempotencyKeyReusedError(), 422),
        (OverloadedError(), 429),
        (UnavailableError(), 503),
        (DeadlineError(), 504),
    ],
)
def test_a_service_that_refuses_is_told_as_it_said(
    http: httpx.Client, peer: Peer, error: Exception, status: int
) -> None:
    """The service's reason is the problem's code."""
    peer.fail = error

    answer = http.get(f"/v1/cases/{CASE_ID}")

    assert (answer.status_code, answer.json()["code"]) == (status, error.reason)


@pytest.mark.parametrize("error", [OverloadedError(), UnavailableError(), DeadlineError()])
def test_who_must_wait_learns_how_long(http: httpx.Client, peer: Peer, error: Exception) -> None:
    """429, 503 and 504 carry Retry-After."""
    peer.fail = error

    assert http.get("/v1/services").headers["Retry-After"] == "1"


def test_a_service_that_breaks_tells_nothing(http: httpx.Client, peer: Peer) -> None:
    """What broke inside a service stays there."""
    peer.fail = RuntimeError("secret")

    answer = http.get("/v1/services")

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "secret" not in answer.text


def test_a_problem_does_not_repeat_what_was_sent(http: httpx.Client) -> None:
    """A refused text is not sent back."""
    answer = http.post("/v1/cases", json={"text": "a", "language": "my secret"})

    assert answer.status_code == 400
    assert "secret" not in answer.text


def test_a_problem_stays_short(http: httpx.Client) -> None:
    """A body of nothing but unknown names does not make a long answer."""
    answer = http.post("/v1/cases", json={f"{n}" + "x" * 200: 1 for n in range(200)})

    assert len(answer.json()["errors"]) == 20
    assert len(answer.content) < 8000
