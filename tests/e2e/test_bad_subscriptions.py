"""Whatever is wrong with a subscription: refused with a code, and the office keeps what it had."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e import doors
from tests.e2e.conftest import ON_EVERY_TIER, Settled
from tests.e2e.doors import CALLS, POSTS, SUBSCRIPTION, Street, refused
from tests.e2e.people import Town
from tests.e2e.words import Words

pytestmark = ON_EVERY_TIER

OF_AN_OFFICE = [name for name, call in CALLS.items() if "/subscriptions" in call.path]
OF_ONE = [name for name in OF_AN_OFFICE if CALLS[name].path.startswith(SUBSCRIPTION)]


@pytest.fixture(scope="module")
def street(town: Town, words: Words, settled: Settled) -> Street:
    return doors.build(town, words, settled)


@pytest.fixture(autouse=True)
def nothing_changes(town: Town, street: Street) -> Iterator[None]:
    """Read the subscriptions of the office before and after, and compare."""
    before = CALLS["subscriptions"].make(town.client, street).json()
    assert [one["name"] for one in before["subscriptions"]] == [doors.SUBSCRIBED]
    yield
    assert CALLS["subscriptions"].make(town.client, street).json() == before


@pytest.mark.parametrize("name", OF_AN_OFFICE)
def test_another_offices_subscriptions_do_not_exist(town: Town, street: Street, name: str) -> None:
    """Neither its cursors nor its attempts are seen or moved by an officer of another office."""
    answer = replace(CALLS[name], who="stranger").make(town.client, street)

    refused(answer, 404, "OFFICE_NOT_FOUND")


@pytest.mark.parametrize("name", OF_ONE)
def test_a_subscription_nobody_made_is_not_found(town: Town, street: Street, name: str) -> None:
    """A name is not guessed at."""
    call = CALLS[name]

    answer = replace(call, path=call.path.replace("<name>", "nobodys")).make(town.client, street)

    refused(answer, 404, "SUBSCRIPTION_NOT_FOUND")


@pytest.mark.parametrize("id_", ["UPPER", "%00", "ё", "a" * 64])
@pytest.mark.parametrize("name", OF_ONE)
def test_a_name_that_is_none_is_refused(town: Town, street: Street, name: str, id_: str) -> None:
    """What cannot be a name is answered as what is not there."""
    call = CALLS[name]

    answer = replace(call, path=call.path.replace("<name>", id_)).make(town.client, street)

    assert answer.json()["code"].endswith("NOT_FOUND"), answer.text
    refused(answer, 404, answer.json()["code"])


WEBHOOK = {"name": doors.ANOTHER, "kind": "webhook"}
STREAM = {"name": doors.ANOTHER, "kind": "stream"}
FAULTS: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "unknown type": ("subscribe", STREAM | {"filter": {"types": ["lost"]}}, 400, "FILTER_UNKNOWN"),
    "unknown service": (
        "change",
        {"filter": {"service_ids": ["no.such"]}},
        400,
        "FILTER_UNKNOWN",
    ),
    "unknown region": ("change", {"filter": {"regions": ["99"]}}, 400, "FILTER_UNKNOWN"),
    "a stream with an address": ("change", {"url": "https://a.example.kz"}, 400, "INVALID"),
    "no address": ("subscribe", WEBHOOK, 400, "URL_INVALID"),
    "a password": ("subscribe", WEBHOOK | {"url": "https://a:b@example.kz"}, 400, "URL_INVALID"),
    "our own machine": (
        "subscribe",
        WEBHOOK | {"url": "https://127.0.0.1/"},
        400,
        "ADDRESS_NOT_ALLOWED",
    ),
    "a private network": (
        "subscribe",
        WEBHOOK | {"url": "https://[::ffff:10.0.0.1]/"},
        400,
        "ADDRESS_NOT_ALLOWED",
    ),
    "no TLS": ("subscribe", WEBHOOK | {"url": "http://8.8.8.8/"}, 400, "ADDRESS_NOT_ALLOWED"),
    "a name that is taken": (
        "subscribe",
        STREAM | {"name": doors.SUBSCRIBED, "filter": {"types": ["routed"]}},
        409,
        "SUBSCRIPTION_EXISTS",
    ),
    "a place that is not yet there": (
        "seek",
        {"after_sequence": 4_000_000_000},
        400,
        "CURSOR_AHEAD",
    ),
    "no place": ("seek", {}, 400, "INVALID"),
    "two places": (
        "seek",
        {"after_sequence": 1, "from_time": "2026-03-01T09:00:00Z"},
        400,
        "INVALID",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wish_that_cannot_be_meant_is_refused(town: Town, street: Street, fault: str) -> None:
    """A wrong filter, address or place is told, never passed over."""
    name, body, status, code = FAULTS[fault]

    answer = replace(POSTS[name], body=body).make(town.client, street)

    refused(answer, status, code)


@pytest.mark.parametrize("name", ["activate", "rotate", "send again", "attempts", "dead letters"])
def test_a_stream_has_nothing_of_a_webhook(town: Town, street: Street, name: str) -> None:
    """Secrets, attempts and dead letters are of webhooks alone."""
    refused(CALLS[name].make(town.client, street), 409, "WRONG_KIND")
