"""What delivery makes of the records of the bus."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from services.chassis.application import Platform
from services.chassis.codec import MalformedEventError
from services.delivery import events
from services.delivery.domain import FeedEntry
from services.delivery.store import SqlFeeds
from tests.unit.delivery.conftest import Offices
from tests.unit.delivery.stories import message, record

Eventually = Callable[[Callable[[], object]], None]


def test_a_record_is_read_whole() -> None:
    """Ids and offices are read; the data is kept as it came."""
    told = message("c1", 2, "returned", office="", previous_office="MIA")

    event = events.from_record(record(told))

    assert (event.event_id, event.case_version, event.previous_office) == ("c1:2", 2, "MIA")
    assert event.event == told.value


def test_an_event_without_a_version_is_malformed() -> None:
    """Its place in the story of its case is not guessed at."""
    with pytest.raises(MalformedEventError):
        events.from_record(record(message("c1", 0)))


def test_an_event_of_another_case_than_its_key_is_malformed() -> None:
    """Order is kept by key, so a false key would break it."""
    with pytest.raises(MalformedEventError):
        events.from_record(record(replace(message("c1", 1), key="c2")))


def test_redelivery_of_the_whole_topic_changes_nothing(
    platform: Platform, feeds: SqlFeeds, sequences: Callable[..., list[int]]
) -> None:
    """Read again from offset 0, the topic puts nothing into the feeds and wakes nobody."""
    platform.bus.ensure_topics([events.TOPIC])
    platform.bus.publish([message(f"c{n % 20}", n // 20 + 1) for n in range(100)])
    told: list[Sequence[FeedEntry]] = []
    for _ in range(2):
        history = list(platform.bus.history(events.TOPIC.name))
        events.handle(history, feeds=feeds, announce=told.append, now=platform.clock)

    assert sequences() == list(range(1, 101))
    assert [[entry.sequence for entry in entries] for entries in told] == [list(range(1, 101))]


def test_what_is_published_twice_is_delivered_once(
    offices: Offices, eventually: Eventually
) -> None:
    """A relay that repeats itself is not heard twice."""
    story = [message(f"c{n}", 1) for n in range(50)] + [message("c0", 2, "accepted")]
    offices.tell(*story, *story, message("last", 1))

    eventually(lambda: len(offices.feed()) >= 52)

    assert [event.sequence for event in offices.feed()] == list(range(1, 53))


def test_a_case_with_a_hole_does_not_hold_up_others(
    offices: Offices, eventually: Eventually
) -> None:
    """The case whose version 1 is missing is set aside; the next one is delivered."""
    offices.tell(message("c1", 2), message("c2", 1))

    eventually(offices.feed)

    assert [event.event.case_id for event in offices.feed()] == ["c2"]


def test_the_order_of_a_case_is_kept(offices: Offices, eventually: Eventually) -> None:
    """Events of one case are in the feed in the order of their versions."""
    offices.tell(*(message(f"c{n % 3}", n // 3 + 1) for n in range(30)))
    eventually(lambda: len(offices.feed()) == 30)

    versions = [event.event.case_version for event in offices.feed() if event.event.case_id == "c1"]

    assert versions == list(range(1, 11))
