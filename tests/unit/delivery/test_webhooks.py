"""Webhooks from end to end: a running service and a receiver that answers as it likes."""

import threading
import time
from collections.abc import Callable

import pytest

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from services.chassis.errors import ServiceError
from services.chassis.story import ALARMS_TOPIC
from tests.receiver import Answer, Call, Receiver, receiving
from tests.unit.delivery.conftest import ADMINISTRATOR, Offices
from tests.unit.delivery.parcels import counted
from tests.unit.delivery.stories import message

Eventually = Callable[[Callable[[], object]], None]


def failing(times: int, status: int = 500) -> Callable[[Call], Answer]:
    """Fail so many times for each event, then take it."""
    seen: list[str] = []

    def answer(call: Call) -> Answer:
        seen.append(call.id)
        return Answer(status if seen.count(call.id) <= times else 204)

    return answer


def test_a_webhook_is_told_what_the_pages_tell(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """The same events, each signed, named by the event's id."""
    secret = offices.hook(receiver)

    offices.tell(message("c1", 1), message("c1", 2, "accepted"))
    eventually(lambda: len(receiver.events) == 2)

    assert [event["event_id"] for event in receiver.events] == ["c1:1", "c1:2"]
    assert [one.event_id for one in offices.feed()] == ["c1:1", "c1:2"]
    assert [call.id for call in receiver.calls[1:]] == ["c1:1", "c1:2"]
    assert all(call.is_signed_with(secret) for call in receiver.calls)
    assert receiver.events[0]["event"]["case_id"] == "c1"


def test_nothing_is_delivered_before_the_validation(offices: Offices, receiver: Receiver) -> None:
    """A receiver that does not give the challenge back stays pending, and the log tells why."""
    receiver.echoes = False
    kind = pb.SUBSCRIPTION_KIND_WEBHOOK
    offices.manage("CreateSubscription", kind=kind, url=receiver.url)

    with pytest.raises(ServiceError) as refused:
        offices.manage("ActivateSubscription")

    assert refused.value.reason == "NOT_VALIDATED"
    assert offices.state().state == pb.SUBSCRIPTION_STATE_PENDING
    assert offices.manage("ListAttempts").attempts[0].code == "CHALLENGE"
    offices.tell(message("c1", 1))
    offices.wait_for(1)
    assert receiver.events == []


def test_a_new_address_is_validated_anew(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """Nothing goes there before; what came meanwhile is delivered after."""
    offices.hook(receiver)
    with receiving() as other:
        offices.manage("UpdateSubscription", url=other.url)
        assert offices.state().state == pb.SUBSCRIPTION_STATE_PENDING
        offices.tell(message("c1", 1))
        offices.wait_for(1)
        assert other.calls == receiver.events == []

        offices.manage("ActivateSubscription")

        eventually(lambda: other.sequences == [1])


def test_one_address_of_an_office_is_validated_at_a_time(
    offices: Offices, receiver: Receiver
) -> None:
    """A receiver that lets us wait holds up one call of its office, which is told so."""
    kind = pb.SUBSCRIPTION_KIND_WEBHOOK
    offices.manage("CreateSubscription", kind=kind, url=receiver.url)
    refused: list[str] = []

    def activate_again() -> None:
        with pytest.raises(ServiceError) as error:
            offices.manage("ActivateSubscription")
        refused.append(error.value.reason)

    receiver.before = activate_again

    offices.manage("ActivateSubscription")

    assert refused == ["BUSY"]
    assert offices.state().state == pb.SUBSCRIPTION_STATE_ACTIVE


@pytest.mark.parametrize("method", ["UpdateSubscription", "RotateSecret"])
def test_what_changed_while_it_was_validated_is_not_activated(
    offices: Offices, receiver: Receiver, method: str
) -> None:
    """A receiver that lets us wait does not let another address in, nor another secret."""
    with receiving() as other:
        fields = {"url": other.url} if method == "UpdateSubscription" else {}
        kind = pb.SUBSCRIPTION_KIND_WEBHOOK
        offices.manage("CreateSubscription", kind=kind, url=receiver.url)
        receiver.before = lambda: offices.manage(method, **fields)

        with pytest.raises(ServiceError) as refused:
            offices.manage("ActivateSubscription")

        assert refused.value.reason == "SUBSCRIPTION_CHANGED"
        assert offices.state().state == pb.SUBSCRIPTION_STATE_PENDING
        assert other.calls == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://10.0.0.1/", "ADDRESS_NOT_ALLOWED"),
        ("https://169.254.169.254/latest", "ADDRESS_NOT_ALLOWED"),
        ("https://[::ffff:169.254.169.254]/", "ADDRESS_NOT_ALLOWED"),
        ("https://office.invalid/", "HOST_UNKNOWN"),
        ("https://user@office.kz/", "URL_INVALID"),
    ],
)
def test_a_bad_address_is_refused_at_once(offices: Offices, url: str, code: str) -> None:
    """At making and at changing, with a code."""
    kind = pb.SUBSCRIPTION_KIND_WEBHOOK
    with pytest.raises(ServiceError) as refused:
        offices.manage("CreateSubscription", kind=kind, url=url)

    assert (refused.value.reason, refused.value.field) == (code, "url")


def test_a_failure_is_tried_again_with_the_same_id(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """And the log tells each attempt, the counters how many."""
    failed = {"office": "MIA", "code": "STATUS"}
    before = counted("qyzmet_webhook_attempts_total", **failed)
    receiver.answer = failing(2)
    offices.hook(receiver)

    offices.tell(message("c1", 1))
    eventually(lambda: len(receiver.events) == 3)
    eventually(lambda: len(offices.manage("ListAttempts").attempts) == 4)

    told = offices.manage("ListAttempts").attempts
    assert [(one.number, one.code, one.status) for one in told[:3]] == [
        (3, "OK", 204),
        (2, "STATUS", 500),
        (1, "STATUS", 500),
    ]
    assert {call.id for call in receiver.calls[1:]} == {"c1:1"}
    assert counted("qyzmet_webhook_attempts_total", **failed) == before + 2


def test_a_case_waits_for_its_earlier_event_while_others_go_on(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """No event of a case comes before the one before it arrived."""
    receiver.answer = failing(2)
    offices.hook(receiver)
    cases = [message(f"c{case}", version) for case in range(5) for version in (1, 2, 3)]

    offices.tell(*cases)
    eventually(lambda: len({event["event_id"] for event in receiver.events}) == 15)

    for case in range(5):
        told = [
            e["event"]["case_version"]
            for e in receiver.events
            if e["event"]["case_id"] == f"c{case}"
        ]
        assert told == sorted(told)


@pytest.mark.parametrize("timeout_seconds", [30.0])  # the second attempt waits for the others
def test_what_never_arrives_becomes_a_dead_letter_that_can_be_sent_again(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """Other cases go on; after the receiver is mended, its office sends it again itself."""
    broken, others = ["c1:1"], threading.Event()

    def answer(call: Call) -> Answer:
        if call.id not in broken:
            return Answer(204)
        is_first = receiver.sequences.count(call.event["sequence"]) == 1
        return Answer(500, before=lambda: is_first or others.wait(30))

    receiver.answer = answer
    offices.hook(receiver)
    offices.tell(message("c1", 1), message("c1", 2))
    eventually(lambda: len(receiver.events) == 2)
    offices.tell(*(message(f"d{n}", 1) for n in range(3)))
    eventually(lambda: sum(event["event_id"][0] == "d" for event in receiver.events) == 3)
    others.set()
    eventually(lambda: offices.manage("ListDeadLetters").dead_letters)

    (dead,) = offices.manage("ListDeadLetters").dead_letters
    assert (dead.event_id, dead.attempts, dead.code) == ("c1:1", 3, "STATUS")
    assert dead.waiting_behind == 1
    broken.clear()
    assert offices.manage("SendAgain", sequences=[dead.sequence]).count == 1

    eventually(lambda: receiver.events[-1]["event_id"] == "c1:2")
    assert not offices.manage("ListDeadLetters").dead_letters


def test_gone_disables_with_an_alarm(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """410 is respected at once; an event tells operators; activating goes on where it was."""
    receiver.answer = lambda call: Answer(410)
    offices.hook(receiver)

    offices.tell(message("c1", 1))
    eventually(lambda: offices.state().state == pb.SUBSCRIPTION_STATE_DISABLED)

    assert offices.state().disabled_reason == "GONE"
    eventually(lambda: list(history(offices)))
    (alarm,) = history(offices)
    assert alarm.headers["ce_type"] == "kz.qyzmet.alarm.subscription-disabled.v1"
    receiver.answer = lambda call: Answer()
    offices.manage("ActivateSubscription", ADMINISTRATOR)
    eventually(lambda: receiver.sequences == [1, 1])


def history(offices: Offices) -> list[object]:
    try:
        return list(offices.platform.bus.history(ALARMS_TOPIC))
    except ServiceError:
        return []


def test_a_receiver_where_nothing_arrives_is_disabled(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """After the last attempt, where no other event arrived either."""
    receiver.answer = lambda call: Answer(500)
    offices.hook(receiver)

    offices.tell(message("c1", 1))
    eventually(lambda: offices.state().state == pb.SUBSCRIPTION_STATE_DISABLED)

    assert offices.state().disabled_reason == "EXHAUSTED"


def test_both_secrets_sign_while_one_is_rotated(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """The new secret is shown once; the old one goes on to verify."""
    old = offices.hook(receiver)

    new = offices.manage("RotateSecret").secret
    offices.tell(message("c1", 1))
    eventually(lambda: receiver.events)

    call = receiver.calls[-1]
    assert new != old
    assert call.is_signed_with(old)
    assert call.is_signed_with(new)


@pytest.mark.parametrize("timeout_seconds", [30.0])  # none is called a second time meanwhile
def test_a_slow_receiver_slows_only_itself(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """While one office's calls hang, another gets everything; the first is asked a few at once."""
    hanging = threading.Event()
    most = offices.platform.settings.webhooks.per_office
    receiver.answer = lambda call: Answer(before=lambda: hanging.wait(30))
    offices.hook(receiver)
    with receiving() as other:
        kind = pb.SUBSCRIPTION_KIND_WEBHOOK
        named = {"office": "akimat-75", "name": "desk"}
        offices.manage("CreateSubscription", ADMINISTRATOR, kind=kind, url=other.url, **named)
        offices.manage("ActivateSubscription", ADMINISTRATOR, **named)

        offices.tell(*(message(f"s{n}", 1) for n in range(20)))
        offices.tell(*(message(f"f{n}", 1, office="akimat-75") for n in range(20)))

        eventually(lambda: len(other.events) == 20)
        assert len(receiver.events) <= most
        hanging.set()


def test_a_changed_filter_holds_for_the_next_event(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """In under a second, which is to say at once."""
    offices.hook(receiver)
    offices.tell(message("c1", 1))
    eventually(lambda: len(receiver.events) == 1)

    offices.manage("UpdateSubscription", url=receiver.url, filter=pb.Filter(types=["completed"]))
    offices.tell(message("c1", 2, "accepted"), message("c1", 3, "completed"))
    eventually(lambda: len(receiver.events) == 2)

    assert receiver.events[-1]["event_id"] == "c1:3"


def test_a_webhook_is_replayed_from_a_place(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """What was delivered comes again, with the same ids."""
    offices.hook(receiver)
    offices.tell(message("c1", 1), message("c1", 2))
    eventually(lambda: receiver.sequences == [1, 2])

    offices.manage("SeekSubscription", after_sequence=0)

    eventually(lambda: receiver.sequences == [1, 2, 1, 2])


@pytest.mark.parametrize("timeout_seconds", [1.0])
def test_what_was_under_way_when_the_service_stopped_arrives_after(
    offices: Offices, receiver: Receiver, eventually: Eventually
) -> None:
    """A call cut off in the middle is made again when its lease is over."""
    begin = time.monotonic()
    receiver.answer = lambda call: Answer(
        before=lambda: time.sleep(3 if len(receiver.events) == 1 else 0)
    )
    offices.hook(receiver)

    offices.tell(message("c1", 1))
    eventually(lambda: len(receiver.events) == 2)

    assert time.monotonic() - begin >= offices.platform.settings.webhooks.timeout_seconds
    assert offices.manage("ListAttempts").attempts[-2].code == "TIMEOUT"
