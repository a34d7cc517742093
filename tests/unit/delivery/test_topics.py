"""The topics of offices: what their feeds hold, made when they are first needed."""

from collections.abc import Callable
from typing import Any

import pytest

from services.chassis import codec
from services.chassis.application import Platform
from services.chassis.bus.port import Record
from services.chassis.errors import NotFoundError
from services.delivery import events
from tests.unit.delivery.conftest import Offices
from tests.unit.delivery.stories import message, record

Eventually = Callable[[Callable[[], object]], None]


def read(platform: Platform, office: str) -> list[Record]:
    """Return an office's topic; one that does not exist yet holds nothing."""
    try:
        return list(platform.bus.history(events.topic_of(office)))
    except NotFoundError:
        return []


def places(records: list[Record]) -> list[int]:
    """Return the places in the feed that records tell."""
    return [int(found.headers["ce_sequence"]) for found in records]


def ids(records: list[Record]) -> list[str]:
    """Return the ids of events."""
    return [found.headers["ce_id"] for found in records]


def test_a_topic_holds_what_the_feed_holds(offices: Offices, eventually: Eventually) -> None:
    """The same events, in the same order, with the same sequence."""
    offices.tell(*(message(f"c{n % 7}", n // 7 + 1) for n in range(35)))
    eventually(lambda: len(read(offices.platform, "MIA")) == 35)

    found = read(offices.platform, "MIA")

    assert ids(found) == [event.event_id for event in offices.feed()]
    assert places(found) == list(range(1, 36))


def test_an_event_is_handed_on_as_it_came(offices: Offices, eventually: Eventually) -> None:
    """Key, data and CloudEvents attributes are those of the cases topic; the place is added."""
    told = message("c1", 1)
    offices.tell(told)
    eventually(lambda: read(offices.platform, "MIA"))

    (found,) = read(offices.platform, "MIA")

    assert (found.key, found.value) == ("c1", told.value)
    assert found.headers == {**told.headers, "ce_sequence": "0000000000000000001"}


def test_an_office_reads_nothing_of_another(offices: Offices, eventually: Eventually) -> None:
    """A case that moves is told to both, and what follows only to who holds it."""
    offices.tell(
        message("c1", 1),
        message("c1", 2, "returned", office="", previous_office="MIA"),
        message("c1", 3, office="akimat-75"),
    )
    eventually(lambda: read(offices.platform, "akimat-75"))

    assert ids(read(offices.platform, "MIA")) == ["c1:1", "c1:2"]
    assert ids(read(offices.platform, "akimat-75")) == ["c1:3"]


def test_a_topic_exists_from_its_first_event_on(offices: Offices, eventually: Eventually) -> None:
    """An office nobody prepared anything for is served like the others."""
    with pytest.raises(NotFoundError):
        offices.platform.bus.history("qyzmet.office.NEW.v1")

    offices.tell(message("c1", 1, office="NEW"))

    eventually(lambda: places(read(offices.platform, "NEW")) == [1])


def test_topics_may_be_made_ahead(platform: Platform) -> None:
    """The list for an operator has the cases topic, that of alarms, and one for each office."""
    listed = events.topics(["MIA", "akimat-75"])

    assert [topic.name for topic in listed] == [
        "qyzmet.cases.v1",
        "qyzmet.alarms.v1",
        "qyzmet.office.MIA.v1",
        "qyzmet.office.akimat-75.v1",
    ]
    assert {topic.retention for topic in listed[1:]} == {events.OFFICE_RETENTION}


class Forgetful:
    """A bus that loses its topics."""

    def __init__(self, platform: Platform) -> None:
        self._bus = platform.bus
        self.asked: list[str] = []
        self.broken = False

    def ensure_topics(self, topics: Any) -> None:
        self.asked += [topic.name for topic in topics]
        self._bus.ensure_topics(topics)

    def publish(self, messages: Any) -> None:
        if self.broken:
            raise NotFoundError("There is no such topic.")
        self._bus.publish(messages)


def test_topics_are_asked_for_once_until_one_is_missing(platform: Platform) -> None:
    """A topic that was removed while we ran is made again at the next attempt."""
    bus: Any = Forgetful(platform)
    topics = events.OfficeTopics(bus)
    told = [message("c1", 1)]
    topics.publish(told)
    topics.publish(told)
    bus.broken = True
    with pytest.raises(NotFoundError):
        topics.publish(told)
    bus.broken = False

    topics.publish(told)

    assert len(bus.asked) == 2


def test_an_office_that_cannot_name_a_topic_is_malformed() -> None:
    """A code no broker takes would hold up the relay, and so all other offices, for ever."""
    with pytest.raises(codec.MalformedEventError):
        events.from_record(record(message("c1", 1, office="MIA/../x")))
