"""The stream door: what was, then what comes, for as long as the caller reads."""

import time
from itertools import islice
from typing import Any

import grpc
import pytest

from qyzmet.delivery.v1 import delivery_pb2 as pb
from qyzmet.delivery.v1 import subscriptions_pb2 as sub
from services.chassis.errors import ServiceError
from services.chassis.problems import from_rpc_error
from tests.unit.delivery.conftest import AKIMAT, Offices
from tests.unit.delivery.stories import message

LONG_GRACE = 30.0


def sequences(stream: Any, count: int) -> list[int]:
    return [response.event.sequence for response in islice(stream, count)]


def refusal_of(stream: Any) -> str:
    with pytest.raises(grpc.RpcError) as refusal:
        list(stream)
    return from_rpc_error(refusal.value).reason


def much(count: int) -> list[Any]:
    """Return more than the buffers of a connection hold."""
    return [message(f"c{n}", 1, portal="p" * 20_000) for n in range(count)]


def test_what_was_there_before_comes_first(offices: Offices) -> None:
    """A stream from 0 begins with the first event of the feed."""
    offices.tell(message("c1", 1), message("c2", 1))

    assert sequences(offices.subscribe(), 2) == [1, 2]


def test_what_happens_later_comes_by_itself(offices: Offices) -> None:
    """An open stream is sent new events without asking."""
    stream = offices.subscribe()
    stream.initial_metadata()

    offices.tell(message("c1", 1))

    assert sequences(stream, 1) == [1]


def test_a_cursor_skips_what_was_read(offices: Offices) -> None:
    """A stream goes on after the sequence it names."""
    offices.tell(*(message(f"c{n}", 1) for n in range(3)))
    sequences(offices.subscribe(), 3)

    assert sequences(offices.subscribe(after=2), 1) == [3]


def test_a_feed_of_many_pages_comes_whole(offices: Offices) -> None:
    """1,000 events reach a stream gapless and in order."""
    offices.tell(*(message(f"c{n}", 1) for n in range(1000)))

    assert sequences(offices.subscribe(), 1000) == list(range(1, 1001))


def test_an_event_says_what_cases_said(offices: Offices) -> None:
    """The event travels whole, with its id and type."""
    offices.tell(message("c1", 1, "routed", service_id="identity.passport"))

    event = next(offices.subscribe()).event

    assert (event.event_id, event.type) == ("c1:1", "kz.qyzmet.case.routed.v1")
    assert event.event.service_id == "identity.passport"


def test_a_cursor_ahead_of_the_feed_is_refused(offices: Offices) -> None:
    """Who has read what we never sent has read another feed, and must hear of it."""
    assert refusal_of(offices.subscribe(after=7)) == "CURSOR_AHEAD"


@pytest.mark.parametrize(("after", "event_id"), [(1, "c2:1"), (2, "c1:1"), (0, "c1:1")])
def test_a_cursor_of_another_feed_is_refused(offices: Offices, after: int, event_id: str) -> None:
    """Who says which event they read last hears it where this feed has another there."""
    offices.tell(message("c1", 1))
    offices.wait_for(1)
    offices.tell(message("c2", 1), message("c3", 1))
    offices.wait_for(3)
    cursor = {"office": "MIA", "after_sequence": after, "after_event_id": event_id}

    assert refusal_of(offices.subscribe(after=after, event_id=event_id)) == "CURSOR_FOREIGN"
    with pytest.raises(ServiceError) as refused:
        offices.call("ListFeedEvents", pb.ListFeedEventsRequest(**cursor))
    assert refused.value.reason == "CURSOR_FOREIGN"


def test_a_cursor_that_names_its_event_goes_on_behind_it(offices: Offices) -> None:
    """The same pair as it was read."""
    offices.tell(message("c1", 1), message("c2", 1))
    first, second = (told.event for told in islice(offices.subscribe(), 2))

    assert sequences(offices.subscribe(after=1, event_id=first.event_id), 1) == [second.sequence]


def test_a_foreign_feed_does_not_exist(offices: Offices) -> None:
    """An officer learns nothing of another office's feed."""
    assert refusal_of(offices.subscribe("MIA", principal=AKIMAT)) == "OFFICE_NOT_FOUND"


def test_a_slow_reader_slows_only_itself(offices: Offices) -> None:
    """While one stream is not read, another gets everything."""
    slow = offices.subscribe()
    slow.initial_metadata()
    offices.tell(*much(500))

    assert sequences(offices.subscribe(), 500)[-1] == 500
    slow.cancel()


def test_an_office_has_as_many_streams_as_the_setting_says(offices: Offices) -> None:
    """One more is refused with a code, whichever way it is read."""
    offices.manage("CreateSubscription", kind=sub.SUBSCRIPTION_KIND_STREAM)
    most = offices.platform.settings.streams_per_office
    held = [offices.subscribe() for _ in range(most)]
    for stream in held:
        stream.initial_metadata()

    refused = [refusal_of(stream) for stream in (offices.subscribe(), offices.consume())]

    assert refused == ["TOO_MANY_STREAMS"] * 2
    for stream in held:
        stream.cancel()


def test_an_open_stream_ends_when_the_service_stops(stopping: Offices) -> None:
    """Its caller is told to come back, long before the grace is over."""
    stream = stopping.subscribe()
    stream.initial_metadata()

    begin = time.monotonic()
    stopping.built.stop(grace=LONG_GRACE)

    assert refusal_of(stream) == "UNAVAILABLE"
    assert time.monotonic() - begin < LONG_GRACE / 2


def test_a_reader_who_does_not_read_does_not_hold_up_a_stop(stopping: Offices) -> None:
    """A stream that waits for its reader is cut off, long before the grace is over."""
    stream = stopping.subscribe()
    stream.initial_metadata()
    stopping.tell(*much(500))
    sequences(stopping.subscribe(), 500)

    begin = time.monotonic()
    stopping.built.stop(grace=LONG_GRACE)

    assert time.monotonic() - begin < LONG_GRACE / 2
    stream.cancel()
