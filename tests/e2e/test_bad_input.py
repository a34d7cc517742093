"""Whatever is wrong with a call: the right status, a problem with a code, and nothing changed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.auth import Issuer
from services.chassis.principal import Principal, Role
from tests.e2e import doors
from tests.e2e.conftest import UNDECIDED, Eventually, Settled
from tests.e2e.doors import CALLS, GETS, KEYED, POSTS, WRITES, Street, refused
from tests.e2e.people import Town
from tests.e2e.words import Words

NOBODY = "019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607"
CITIZEN = Principal("somebody", Role.CITIZEN)
ABOUT_A_CASE = [name for name, call in CALLS.items() if "/v1/cases/<" in call.path]
BY_AN_OFFICE = ["accept", "complete", "return", "ask"]
WORDLESS = {"withdraw", "object", "reopen", "erase", "change", "send again", "discard"}
"""Calls that mean something with an empty body too."""


@pytest.fixture(scope="module")
def street(town: Town, words: Words, settled: Settled) -> Street:
    return doors.build(town, words, settled)


@pytest.fixture(autouse=True)
def nothing_changes(town: Town, street: Street, eventually: Eventually) -> Iterator[None]:
    """Count all cases and their versions before and after, and compare."""
    everybody = town.administrator()
    before: dict[str, int] = {}

    def is_quiet() -> bool:
        cases = everybody.cases()
        before.update((case["id"], case["version"]) for case in cases)
        return not any(case["state"] in UNDECIDED for case in cases)

    eventually(is_quiet)
    yield
    assert {case["id"]: case["version"] for case in everybody.cases()} == before


BODIES: dict[str, tuple[bytes, int, str]] = {
    "a megabyte": (b'{"text": "' + b"a" * 2**20 + b'"}', 413, "TOO_LARGE"),
    "binary": (bytes(range(256)), 400, "MALFORMED_JSON"),
    "cut off": (b'{"text": "a', 400, "MALFORMED_JSON"),
    "two values": (b"{}{}", 400, "MALFORMED_JSON"),
    "not a number": (b'{"expected_version": NaN}', 400, "MALFORMED_JSON"),
    "half a character": (b'{"text": "\\ud800"}', 400, "MALFORMED_JSON"),
    "UTF-16": ('{"text": "a"}'.encode("utf-16"), 400, "MALFORMED_JSON"),
    "deep": (b"[" * 50_000, 400, "MALFORMED_JSON"),
    "deep and closed": (b"[" * 30_000 + b"]" * 30_000, 400, "MALFORMED_JSON"),
    "a list": (b"[]", 400, "INVALID"),
    "a word": (b'"text"', 400, "INVALID"),
    "a number": (b"1", 400, "INVALID"),
    "unknown names only": (b'{"surprise": true}', 400, "INVALID"),
}


@pytest.mark.parametrize("fault", BODIES)
@pytest.mark.parametrize("name", POSTS)
def test_a_body_that_is_no_request_is_refused(
    town: Town, street: Street, name: str, fault: str
) -> None:
    """Too large, not JSON, too deep, or JSON of another shape: refused before anybody works."""
    content, status, code = BODIES[fault]

    answer = replace(POSTS[name], content=content).make(town.client, street)

    refused(answer, status, code)


@pytest.mark.parametrize("content", [b"", b"null", b"{}"])
@pytest.mark.parametrize("name", sorted(POSTS.keys() - WORDLESS))
def test_an_empty_body_is_refused(town: Town, street: Street, name: str, content: bytes) -> None:
    """Nothing is not a request, where what is wanted has to be said."""
    answer = replace(POSTS[name], content=content).make(town.client, street)

    refused(answer, 400, "INVALID")


@pytest.mark.parametrize("name", POSTS)
def test_an_unknown_field_is_refused_and_named(town: Town, street: Street, name: str) -> None:
    """A slip in a name is told, not passed over."""
    body = {**(POSTS[name].body or {}), "expectd_version": 1}

    answer = replace(POSTS[name], body=body).make(town.client, street)

    refused(answer, 400, "INVALID")
    assert answer.json()["errors"][0]["field"] == "expectd_version"


VALUES: tuple[Any, ...] = ([], {}, 1.5, "\x00", None, "x" * 5000, -1, 2**70)
GOOD: tuple[tuple[str, str, Any], ...] = (
    ("complete", "outcome_code", None),
    ("complete", "text", None),
    ("split", "office", None),
    ("subscribe", "filter", {}),
    ("change", "filter", {}),
    ("send again", "sequences", []),
)
"""What may be left out, or empty."""
WHOLE = {("change service", "service"), ("split service", "part")}
"""Fields that hold a whole of their own."""
WRONG = [
    (name, field, value)
    for name, call in POSTS.items()
    for field in call.body or ()
    for value in VALUES
    if (name, field, value) not in GOOD and not (value == {} and (name, field) in WHOLE)
]


@pytest.mark.parametrize(("name", "field", "value"), WRONG)
def test_a_value_of_the_wrong_kind_is_refused(
    town: Town, street: Street, name: str, field: str, value: Any
) -> None:
    """Each field in turn: a list, an object, a fraction, a NUL, nothing, too long, too large."""
    body = {**(POSTS[name].body or {}), field: value}

    answer = replace(POSTS[name], body=body).make(town.client, street)

    refused(answer, 400, "INVALID")
    assert answer.json()["errors"][0]["field"] in (field, "body")


@pytest.mark.parametrize(("name", "field"), sorted(WHOLE))
def test_a_whole_with_nothing_in_it_is_refused(
    town: Town, street: Street, name: str, field: str
) -> None:
    """What is wanting inside is named with the field that it is in."""
    body = {**(POSTS[name].body or {}), field: {}}

    answer = replace(POSTS[name], body=body).make(town.client, street)

    refused(answer, 400, "INVALID")
    assert answer.json()["errors"][0]["field"] == f"{field}.id"


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json; charset=utf-16"])
@pytest.mark.parametrize("name", POSTS)
def test_a_body_that_is_not_said_to_be_json_is_refused(
    town: Town, street: Street, name: str, kind: str
) -> None:
    """Without the right content type a page of another site cannot speak for its visitor."""
    call = POSTS[name].having("Content-Type", kind) if kind else POSTS[name].without("Content-Type")

    refused(call.make(town.client, street), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("name", KEYED)
def test_a_change_without_a_key_is_refused(town: Town, street: Street, name: str) -> None:
    """Without a key a repetition could not be told from a second wish."""
    without = KEYED[name].without("Idempotency-Key").make(town.client, street)
    empty = KEYED[name].having("Idempotency-Key", "").make(town.client, street)

    refused(without, 400, "IDEMPOTENCY_KEY_MISSING")
    refused(empty, 400, "IDEMPOTENCY_KEY_MISSING")


@pytest.mark.parametrize("key", [b"k" * 129, "ключ".encode(), b"a\tb", b"k" * 20_000])
@pytest.mark.parametrize("name", KEYED)
def test_a_key_that_is_not_one_is_refused(
    town: Town, street: Street, name: str, key: bytes
) -> None:
    """A key has at most 128 printable ASCII characters."""
    answer = KEYED[name].having("Idempotency-Key", key).make(town.client, street)

    refused(answer, 400, "INVALID")


UNSIGNED = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwicm9sZSI6ImFkbWluaXN0cmF0b3IifQ."
TOKENS = {
    "Bearer": "UNAUTHENTICATED",
    "Basic dTpw": "UNAUTHENTICATED",
    "Bearer x.y.z": "TOKEN_MALFORMED",
    f"Bearer {UNSIGNED}": "TOKEN_ALGORITHM",
    "Bearer " + "a" * 9000: "TOKEN_TOO_LARGE",
}


@pytest.mark.parametrize("shown", TOKENS, ids=range(len(TOKENS)))
@pytest.mark.parametrize("name", CALLS)
def test_a_token_that_is_none_is_refused(town: Town, street: Street, name: str, shown: str) -> None:
    """A token that cannot be read, or that nobody signed, makes nobody anonymous: it is refused."""
    answer = CALLS[name].having("Authorization", shown).make(town.client, street)

    refused(answer, 401, TOKENS[shown])
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", CALLS)
def test_a_token_of_yesterday_or_of_elsewhere_is_refused(
    town: Town, street: Street, name: str, tmp_path: Any
) -> None:
    """Neither an expired token nor one of another issuer opens anything."""
    expired = town.issuer.issue(CITIZEN, seconds=-3600)
    foreign = Issuer.at(tmp_path).issue(CITIZEN, seconds=3600)

    for token, code in ((expired, "TOKEN_EXPIRED"), (foreign, "TOKEN_SIGNATURE")):
        refused(replace(CALLS[name], token=token).make(town.client, street), 401, code)


ROLES = {name: "citizen" if call.who == "analyst" else "analyst" for name, call in CALLS.items()}
ROLES |= {"cases": "steward", "case proof": "steward", "notices": "steward", "changes": "citizen"}
"""Whoever may not make a call."""
OPEN = ("case", "services", "service", "coverage", "reasons", "checkpoint", "consistency")


@pytest.mark.parametrize("name", sorted(CALLS.keys() - set(OPEN)))
def test_a_role_that_may_not_is_refused(town: Town, street: Street, name: str) -> None:
    """Who is known, but not for this, is told so."""
    answer = replace(CALLS[name], who=ROLES[name]).make(town.client, street)

    refused(answer, 403, "FORBIDDEN")


@pytest.mark.parametrize("id_", [NOBODY, "1", "..%2f..%2fetc", "%00", "ё", "a" * 3000])
@pytest.mark.parametrize("name", sorted(set(ABOUT_A_CASE) - {"decisions"}))
def test_a_case_that_is_not_there_is_not_found(
    town: Town, street: Street, name: str, id_: str
) -> None:
    """An id of nobody and what is no id at all are answered alike."""
    answer = CALLS[name].about(id_).make(town.client, street)

    assert answer.json()["code"].endswith("NOT_FOUND")
    refused(answer, 404, answer.json()["code"])


@pytest.mark.parametrize("name", BY_AN_OFFICE)
def test_an_officer_of_another_office_is_refused(town: Town, street: Street, name: str) -> None:
    """Nobody answers in the name of an office that is not theirs."""
    answer = replace(CALLS[name], who="stranger").make(town.client, street)

    refused(answer, 404, "OFFICE_NOT_FOUND")


@pytest.mark.parametrize("name", [*BY_AN_OFFICE, "split"])
def test_an_office_that_does_not_hold_the_case_is_refused(
    town: Town, street: Street, name: str
) -> None:
    """To any other office a case does not exist, lest guessing tell of foreign cases."""
    call = replace(CALLS[name], who="stranger")
    body = {**(call.body or {}), "office": "akimat-99"}

    refused(replace(call, body=body).make(town.client, street), 404, "CASE_NOT_FOUND")


@pytest.mark.parametrize("name", sorted(KEYED.keys() - {"submit"}))
def test_a_version_that_is_past_is_refused(town: Town, street: Street, name: str) -> None:
    """Who decided upon an older state is told so, and decides again."""
    call = KEYED[name]
    body = {**(call.body or {}), "expected_version": 99}

    refused(replace(call, body=body).make(town.client, street), 409, "VERSION_CONFLICT")


WRONG_STATES = {
    "confirm": "routed",
    "complete": "routed",
    "accept": "accepted",
    "ask": "waiting",
    "answer": "routed",
    "object": "completed",
    "reopen": "routed",
    "rate": "routed",
    "split": "completed",
}


@pytest.mark.parametrize("name", WRONG_STATES)
def test_a_state_that_does_not_allow_it_is_refused(town: Town, street: Street, name: str) -> None:
    """Each verb has its states; in the others nothing happens."""
    call = WRITES[name].about(f"<{WRONG_STATES[name]}>")

    refused(call.make(town.client, street), 409, "STATE_CONFLICT")


QUERIES = {
    "cases": ["page_size=0", "page_size=201", "page_size=x", "page_token=%00", "state=lost"],
    "readings": ["page_size=0", "page_size=201", "page_token=%00", "subject=%00"],
    "services": ["page_size=0", "page_size=501", "page_token=%00", "life_event=%00"],
    "feed": [
        *("after_sequence=-1", "after_sequence=x", f"after_sequence={2**70}"),
        *("page_size=501", "after_event_id=%00"),
    ],
    "checkpoint": ["size=-1", "size=x", f"size={2**70}"],
    "consistency": ["first_size=0&second_size=1", "first_size=1&second_size=x"],
    "reconciliation": ["after_case_version=-1", "after_case_version=x"],
    "attempts": ["page_size=0", "page_size=501", "before_id=-1", f"before_id={2**70}"],
    "dead letters": ["page_size=0", "page_size=501", "after_sequence=-1"],
}


@pytest.mark.parametrize(
    ("name", "query"),
    [(name, one) for name, all_ in QUERIES.items() for one in [*all_, "page_sise=1"]],
)
def test_a_query_that_means_nothing_is_refused(
    town: Town, street: Street, name: str, query: str
) -> None:
    """Out of range, of the wrong kind, or of a name nobody knows."""
    path = GETS[name].path.partition("?")[0]

    refused(replace(GETS[name], path=f"{path}?{query}").make(town.client, street), 400, "INVALID")


@pytest.mark.parametrize(
    ("name", "query", "code"),
    [
        ("cases", "page_token=x", "INVALID"),
        ("cases", "page_token=!!!", "INVALID"),
        ("cases", "number=QZ-26-0000001-0", "INVALID"),
        ("readings", "page_token=x", "INVALID"),
        ("services", "page_token=x", "PAGE_TOKEN"),
        ("feed", "after_sequence=4000000000", "CURSOR_AHEAD"),
        ("feed", "after_event_id=x", "CURSOR_FOREIGN"),
    ],
)
def test_a_place_to_go_on_from_that_is_not_ours_is_refused(
    town: Town, street: Street, name: str, query: str, code: str
) -> None:
    """A token or cursor nobody gave out leads nowhere, rather than to the beginning."""
    call = replace(GETS[name], path=f"{GETS[name].path}?{query}")

    refused(call.make(town.client, street), 400, code)


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/cases/", "/v2/cases", "/v1/offices", "/v1/../etc", "/%00"]
)
def test_a_path_that_is_not_there_is_not_found(town: Town, path: str) -> None:
    """There is nothing beside the routes."""
    refused(town.client.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize("name", CALLS)
def test_a_method_that_is_not_there_is_refused(town: Town, street: Street, name: str) -> None:
    """The methods that are possible are named."""
    answer = replace(CALLS[name], method="PATCH").make(town.client, street)

    refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert CALLS[name].method in answer.headers["allow"]


def test_the_table_holds_every_route(town: Town) -> None:
    """A route that is added is added here, or this fails."""
    paths = json.loads(town.client.get("/openapi.json").text)["paths"]

    known = {(call.method.lower(), call.template) for call in CALLS.values()}

    assert known == {(method, path) for path, methods in paths.items() for method in methods}
