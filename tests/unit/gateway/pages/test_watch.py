"""Pages that are told when their case moves."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import httpx
import prometheus_client
import pytest

from gateway.app import build
from gateway.http.limits import Limits
from gateway.http.problems import BusyError
from gateway.pages.watch import LOOK, MOST_OF_ONE, TooManyPagesError, Watch
from services.chassis import codec
from services.chassis.application import Platform
from services.chassis.errors import NotFoundError
from services.chassis.principal import Role
from services.chassis.story import CASES_TOPIC
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE_ID, Peer
from tests.unit.gateway.wire import limited

LIVE = f"/en/cases/{CASE_ID}/live"


def followed() -> float:
    return prometheus_client.REGISTRY.get_sample_value("qyzmet_pages_followed") or 0.0


def move(platform: Platform, case_id: str, version: int) -> None:
    """Say on the bus that a case has another version."""
    event = codec.Event(
        id=f"{case_id}:{version}",
        type=f"{codec.TYPE_PREFIX}case.routed{codec.TYPE_SUFFIX}",
        source="/qyzmet/cases",
        subject=case_id,
        time=datetime.now(UTC),
    )
    data = json.dumps({"case_id": case_id, "case_version": version}).encode()
    platform.bus.publish([codec.to_message(CASES_TOPIC, case_id, event, data)])


@pytest.fixture(autouse=True)
def _listening(address: str, eventually: Callable) -> None:
    """Begin when the gateway hears of what happens."""
    eventually(lambda: prometheus_client.REGISTRY.get_sample_value("qyzmet_pages_watch_hears"))


@contextmanager
def opened(visitor: Visitor, **headers: str) -> Iterator[Iterator[str]]:
    """Open the stream of a case, and give its lines."""
    with visitor.client.stream("GET", LIVE, headers=headers, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.iter_lines()


def until_event(lines: Iterator[str]) -> list[str]:
    """Return the lines of the next event."""
    found: list[str] = []
    for line in lines:
        if line.startswith(("id:", "event:", "data:")):
            found.append(line)
        elif found:
            return found
    return found


def test_an_open_page_is_told_when_its_case_moves(visitor: Visitor, platform: Platform) -> None:
    """The version and no words: the page asks for them as whoever looks at it."""
    with opened(visitor) as lines:
        next(lines)
        move(platform, CASE_ID, 7)
        assert until_event(lines) == ["id: 7", "event: moved", "data: 7"]


def test_a_page_looks_where_something_may_have_been_missed(platform: Platform) -> None:
    """When the gateway begins to listen, or does so again."""

    async def look() -> int:
        watch = Watch(platform.bus, "late")
        with watch.follow(CASE_ID) as follower:
            watch.start()
            told = [version async for version in _first(watch.moves(follower, 1))]
            await asyncio.to_thread(watch.stop, 5.0)
        return told[0]

    assert asyncio.run(look()) == LOOK


async def _first(moves: AsyncIterator[int]) -> AsyncIterator[int]:
    async for version in moves:
        yield version
        return


def test_a_page_hears_nothing_of_other_cases(visitor: Visitor, platform: Platform) -> None:
    """Only what it shows."""
    with opened(visitor) as lines:
        next(lines)
        move(platform, "019a1b2c-3d4e-7f50-8a61-000000000000", 9)
        move(platform, CASE_ID, 3)
        assert until_event(lines)[0] == "id: 3"


def test_what_happened_while_nobody_listened_is_told_at_once(visitor: Visitor) -> None:
    """By the last version the browser saw."""
    with opened(visitor, **{"Last-Event-ID": "1"}) as lines:
        assert until_event(lines)[0] == "id: 2"


def test_what_happened_before_the_stream_opened_is_told_at_once(visitor: Visitor) -> None:
    """A page says which version it shows; the case may have moved since it was loaded."""
    with visitor.client.stream("GET", f"{LIVE}?shown=1", timeout=20) as answer:
        assert until_event(answer.iter_lines())[0] == "id: 2"


def test_a_record_that_is_no_story_is_passed_over(visitor: Visitor, platform: Platform) -> None:
    """What others wrote there wakes nobody, and stops nobody from hearing the next."""
    with opened(visitor) as lines:
        next(lines)
        event = codec.Event(id="x", type="x", source="/x", subject="x", time=datetime.now(UTC))
        platform.bus.publish([codec.to_message(CASES_TOPIC, CASE_ID, event, b"nonsense")])
        move(platform, CASE_ID, 5)
        assert until_event(lines)[0] == "id: 5"


def test_a_case_that_is_not_theirs_has_no_stream(visitor: Visitor, peer: Peer) -> None:
    """It does not exist for them."""
    peer.fail = NotFoundError()

    assert visitor.get(LIVE).status_code == 404


def test_a_page_that_closes_is_followed_no_more(visitor: Visitor, eventually: Callable) -> None:
    """Whatever becomes of the connection."""
    eventually(lambda: followed() == 0)  # also those of the tests before
    with opened(visitor) as lines:
        next(lines)
        assert followed() == 1

    eventually(lambda: followed() == 0)


def test_no_more_pages_are_followed_than_there_is_room_for(platform: Platform) -> None:
    """Who comes too much is told to come later; who leaves makes room."""

    async def crowd() -> None:
        watch = Watch(platform.bus, "crowd", most=1)
        with watch.follow("a"), pytest.raises(BusyError), watch.follow("b"):
            pass
        with watch.follow("b"):
            pass

    asyncio.run(crowd())


def test_one_person_leaves_room_for_others(platform: Platform) -> None:
    """However many pages they open; whoever is no single person is not counted as one."""

    async def crowd() -> None:
        watch = Watch(platform.bus, "crowd", most_of_one=1)
        with watch.follow("a", "aigul"), watch.follow("a", "berik"), watch.follow("a"):
            with pytest.raises(TooManyPagesError), watch.follow("b", "aigul"):
                pass
            with watch.follow("b"):
                pass
        with watch.follow("b", "aigul"):
            pass

    asyncio.run(crowd())


@pytest.mark.parametrize(("role", "status"), [(Role.CITIZEN, 429), (Role.PORTAL, 200)])
def test_who_has_many_pages_open_is_asked_to_close_some(
    visit_as: Callable[[Role], Visitor], peer: Peer, role: Role, status: int
) -> None:
    """A portal has those of many people."""
    visitor = visit_as(role)
    with ExitStack() as pages:
        streams = [pages.enter_context(opened(visitor)) for _ in range(MOST_OF_ONE)]
        assert all(map(next, streams))
        with visitor.client.stream("GET", LIVE) as answer:
            assert answer.status_code == status


def test_streams_take_no_place_of_other_requests(platform: Platform, peer: Peer) -> None:
    """However many pages are open, one can still ask."""
    with (
        limited(platform, Limits(requests=1)) as address,
        httpx.Client(base_url=f"http://{address}") as client,
        opened(Visitor(client)) as lines,
    ):
        next(lines)
        assert httpx.get(f"http://{address}/en/sign-in").status_code == 200


def test_a_gateway_that_stops_ends_its_streams(platform: Platform, peer: Peer) -> None:
    """At once, so that the door can close."""
    gateway = build(platform)
    gateway.start()
    try:
        with (
            httpx.Client(base_url=f"http://{gateway.addresses['http']}") as client,
            opened(Visitor(client)) as lines,
        ):
            next(lines)
            gateway.stop()
            assert [line for line in lines if line.startswith("id:")] == []
    finally:
        gateway.stop()
