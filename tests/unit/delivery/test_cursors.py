"""Streams whose cursor is kept: resume, replay, filters, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count, islice
from typing import Any

import pytest

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from services.chassis import codec
from services.chassis.application import utc_now
from services.chassis.errors import ServiceError
from services.delivery.rpc.streams import PAGE
from tests.unit.delivery.conftest import AKIMAT, Offices
from tests.unit.delivery.stories import message
from tests.unit.delivery.test_streams import much, refusal_of, sequences


@pytest.fixture
def desk(offices: Offices) -> Offices:
    """Give an office with a stream named desk."""
    offices.manage("CreateSubscription", kind=pb.SUBSCRIPTION_KIND_STREAM)
    return offices


def ids(stream: Any, count: int) -> list[str]:
    """Return the ids of the next events; only those of one case are in a known order."""
    return [response.event.event_id for response in islice(stream, count)]


def change(desk: Offices, **filters: Any) -> None:
    desk.manage("UpdateSubscription", filter=pb.Filter(**filters))


def test_a_reader_goes_on_after_what_it_acknowledged(desk: Offices) -> None:
    """What was read and not acknowledged comes again; what was acknowledged does not."""
    desk.tell(*(message(f"c{n}", 1) for n in range(5)))
    assert sequences(desk.consume(), 5) == [1, 2, 3, 4, 5]

    desk.acknowledge(3)

    assert sequences(desk.consume(), 2) == [4, 5]


def test_a_cursor_never_goes_back_by_acknowledging(desk: Offices) -> None:
    """An acknowledgement that comes late changes nothing."""
    desk.tell(*(message(f"c{n}", 1) for n in range(3)))
    desk.wait_for(3)

    assert [desk.acknowledge(n) for n in (3, 1)] == [3, 3]
    assert desk.state().position == 3


@pytest.mark.parametrize(("sequence", "code"), [(9, "CURSOR_AHEAD"), (0, "INVALID")])
def test_what_was_never_sent_cannot_be_acknowledged(
    desk: Offices, sequence: int, code: str
) -> None:
    """A cursor beyond the feed would leave out what comes next."""
    with pytest.raises(ServiceError) as refused:
        desk.acknowledge(sequence)

    assert refused.value.reason == code
    assert desk.state().position == 0


def test_another_office_s_cursor_is_refused(desk: Offices) -> None:
    """It can be neither read nor moved."""
    desk.tell(message("c1", 1))
    desk.wait_for(1)

    assert refusal_of(desk.consume(principal=AKIMAT)) == "OFFICE_NOT_FOUND"
    with pytest.raises(ServiceError) as refused:
        desk.acknowledge(1, AKIMAT)
    assert refused.value.reason == "OFFICE_NOT_FOUND"
    assert desk.state().position == 0


def test_a_stream_carries_what_its_filter_wants(desk: Offices) -> None:
    """By type, by service and by region; what names no service passes."""
    change(desk, service_ids=["identity.passport"], regions=["75"])
    desk.tell(
        message("c1", 1, service_id="identity.passport", region="75"),
        message("c2", 1, service_id="identity.id-card", region="75"),
        message("c3", 1, service_id="identity.passport", region="10"),
        message("c1", 2, "returned", office="", previous_office="MIA", region="75"),
    )

    assert ids(desk.consume(), 2) == ["c1:1", "c1:2"]


def test_what_a_filter_leaves_out_is_not_read_again(
    desk: Offices, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """The cursor passes over it, though there is nothing to acknowledge."""
    change(desk, types=["completed"])
    desk.tell(*(message(f"c{n}", 1) for n in range(PAGE + 1)))
    stream = desk.consume()

    eventually(lambda: desk.state().position >= PAGE)
    stream.cancel()


def test_what_was_not_acknowledged_is_not_passed_over(
    desk: Offices, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """However much that nobody wants comes behind it; then the cursor passes over that too."""
    change(desk, types=["routed"])
    unwanted = [message(f"c{n}", 1, "accepted") for n in range(2 * PAGE + 2)]
    told = [message("a", 1)], unwanted[: PAGE + 1], [message("b", 1)]
    for messages, whole in zip(told, (1, PAGE + 2, PAGE + 3), strict=True):
        desk.tell(*messages)
        desk.wait_for(whole)  # cases are in no known order
    stream = desk.consume()
    assert sequences(stream, 2) == [1, PAGE + 3]
    assert desk.state().position == 0

    desk.acknowledge(PAGE + 3)
    desk.tell(*unwanted[PAGE + 1 :])

    more = count()

    def is_passed() -> bool:
        desk.tell(message(f"d{next(more)}", 1, "accepted"))  # an acknowledgement is seen by and by
        return desk.state().position >= 2 * PAGE + 3

    eventually(is_passed)
    stream.cancel()


def test_types_are_told_apart(desk: Offices) -> None:
    """Only the types named come."""
    change(desk, types=["accepted"])
    desk.tell(message("c1", 1), message("c1", 2, "accepted"))

    assert sequences(desk.consume(), 1) == [2]


def test_a_changed_filter_holds_for_the_next_event_of_an_open_stream(desk: Offices) -> None:
    """Nobody has to subscribe anew."""
    stream = desk.consume()
    desk.tell(message("c1", 1))
    assert sequences(stream, 1) == [1]

    change(desk, types=["completed"])
    desk.tell(message("c2", 1), message("c1", 2, "completed"))

    assert ids(stream, 1) == ["c1:2"]


def test_an_ended_subscription_ends_its_streams(desk: Offices) -> None:
    """At the next event the reader hears that there is none."""
    stream = desk.consume()
    stream.initial_metadata()
    desk.manage("DeleteSubscription")

    desk.tell(message("c1", 1))

    assert refusal_of(stream) == "SUBSCRIPTION_NOT_FOUND"


def test_a_feed_is_replayed_from_a_sequence(desk: Offices) -> None:
    """Back as far as one wants."""
    desk.tell(*(message(f"c{n}", 1) for n in range(4)))
    sequences(desk.consume(), 4)
    desk.acknowledge(4)

    desk.manage("SeekSubscription", after_sequence=1)

    assert sequences(desk.consume(), 3) == [2, 3, 4]


def test_a_feed_is_replayed_from_a_time(desk: Offices) -> None:
    """With the first event that entered it at that time or later."""
    times = []
    for number in range(6):
        desk.tell(message(f"c{number}", 1))
        desk.wait_for(number + 1)
        times.append(desk.feed()[-1].enqueue_time)
    desk.acknowledge(6)

    desk.manage("SeekSubscription", from_time=times[3])

    assert sequences(desk.consume(), 3) == [4, 5, 6]


@pytest.mark.parametrize(("hours", "position"), [(-1, 0), (1, 2)])
def test_a_time_before_or_after_all_is_an_end_of_the_feed(
    desk: Offices, hours: int, position: int
) -> None:
    """Before the first event is the beginning, after the last is what is yet to come."""
    desk.tell(message("c1", 1), message("c2", 1))
    desk.wait_for(2)
    time = codec.to_timestamp(utc_now() + timedelta(hours=hours))

    moved = desk.manage("SeekSubscription", from_time=time)

    assert moved.subscription.position == position


def test_a_reader_who_stands_still_slows_only_itself(desk: Offices) -> None:
    """While one stream of a subscription is not read, another reader gets everything."""
    slow = desk.consume()
    slow.initial_metadata()
    desk.tell(*much(500))

    fast = list(islice(desk.consume(), 500))

    assert fast[-1].event.sequence == 500
    slow.cancel()
