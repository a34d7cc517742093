"""What a service that calls another is told, and what it shows."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis import client, server
from services.chassis.client import AsyncCaller, Caller
from services.chassis.errors import (
    DeadlineError,
    InternalError,
    NotFoundError,
    ServiceError,
    TooLargeError,
    UnavailableError,
)
from services.chassis.telemetry import TRACEPARENT, trace
from tests.unit.chassis import doors
from tests.unit.chassis.doors import Latch, ask, opened, refusing


def show(_request: StringValue, context: Any) -> StringValue:
    """Answer what the caller showed in a header."""
    metadata = dict(context.invocation_metadata())
    return StringValue(value=metadata.get(_request.value, ""))


@pytest.fixture
def mirror() -> Iterator[grpc.Channel]:
    """Give a channel to a door that tells callers what they show."""
    with opened(doors.threaded(show)) as channel:
        yield channel


@pytest.fixture
def nobody() -> Iterator[str]:
    """Give an address that nobody listens on, and nobody else can take meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def test_a_call_shows_its_token(mirror: grpc.Channel) -> None:
    """In the Authorization header, as a bearer."""
    token = doors.ISSUER.issue(doors.CITIZEN, seconds=60)
    caller = Caller(lambda: token, deadline=10.0)

    shown = caller.call(doors.method(mirror), StringValue(value="authorization"))

    assert shown.value == f"Bearer {token}"


def test_a_call_in_somebody_s_name_shows_theirs(mirror: grpc.Channel) -> None:
    """The token of the running call replaces our own."""
    token = doors.ISSUER.issue(doors.CITIZEN, seconds=60)
    caller = Caller(lambda: "our own", deadline=10.0)

    shown = caller.call(doors.method(mirror), StringValue(value="authorization"), bearer=token)

    assert shown.value == f"Bearer {token}"


def test_a_call_in_nobody_s_name_shows_none(mirror: grpc.Channel) -> None:
    """An anonymous citizen's call does not go on under a service's name."""
    caller = Caller(lambda: "our own", deadline=10.0)

    shown = caller.call(doors.method(mirror), StringValue(value="authorization"), bearer="")

    assert shown.value == ""


def test_a_call_hands_its_trace_on(mirror: grpc.Channel) -> None:
    """The next service continues where this one stands."""
    with trace(None) as outgoing:
        assert ask(mirror, text="traceparent").value == outgoing


def test_a_call_outside_a_trace_begins_one(mirror: grpc.Channel) -> None:
    """Every call can be traced."""
    assert TRACEPARENT.match(ask(mirror, text="traceparent").value)


def test_who_is_away_is_unavailable(nobody: str) -> None:
    """A service that does not run is something that may pass."""
    with client.open_channel(nobody) as channel, pytest.raises(UnavailableError) as refusal:
        ask(channel)

    assert nobody not in refusal.value.message


def test_who_does_not_answer_is_late() -> None:
    """The deadline ends the wait."""
    latch = Latch()
    with opened(doors.threaded(latch)) as channel:
        with pytest.raises(DeadlineError):
            Caller(lambda: "", deadline=0.2).call(doors.method(channel), StringValue())
        latch.leave.set()


def test_a_call_may_have_a_deadline_of_its_own() -> None:
    """Shorter than that of its caller."""
    latch = Latch()
    with opened(doors.threaded(latch)) as channel:
        with pytest.raises(DeadlineError):
            Caller(lambda: "", deadline=60.0).call(
                doors.method(channel), StringValue(), deadline=0.2
            )
        latch.leave.set()


def test_a_request_over_the_limit_does_not_leave(mirror: grpc.Channel) -> None:
    """It is told as too large, not as a full server, since trying again is of no use."""
    with pytest.raises(TooLargeError):
        ask(mirror, text="x" * (server.MAX_MESSAGE_BYTES + 1))


def test_an_answer_over_the_limit_is_not_taken() -> None:
    """Whoever we call cannot fill our memory."""
    large = StringValue(value="x" * (server.MAX_MESSAGE_BYTES + 1))

    with opened(doors.threaded(lambda *_: large)) as channel, pytest.raises(TooLargeError):
        ask(channel)


def test_an_unknown_method_is_our_mistake(mirror: grpc.Channel) -> None:
    """Services of one release know each other's methods."""
    with pytest.raises(InternalError):
        ask(mirror, "Unknown")


def test_a_stranger_s_status_is_translated_without_its_text() -> None:
    """What did not come from our table may name addresses, and is not passed on."""

    def answer(_request: StringValue, context: Any) -> StringValue:
        context.abort(grpc.StatusCode.NOT_FOUND, "10.0.0.7 knows nothing")

    error = _told_by_a_stranger(answer)

    assert type(error) is NotFoundError
    assert "10.0.0.7" not in error.message


def test_a_stranger_s_unreadable_details_are_passed_over() -> None:
    """Broken details do not break the caller."""

    def answer(_request: StringValue, context: Any) -> StringValue:
        context.set_trailing_metadata((("grpc-status-details-bin", b"\xff\xff"),))
        context.abort(grpc.StatusCode.UNAVAILABLE, "away")

    assert type(_told_by_a_stranger(answer)) is UnavailableError


def test_an_event_loop_is_told_the_same() -> None:
    """The caller for event loops raises the same errors."""

    async def call(address: str) -> None:
        async with client.open_async_channel(address) as channel:
            await AsyncCaller(10.0).call(doors.method(channel), StringValue(), bearer="")

    door = doors.threaded(refusing(NotFoundError(reason="NO_CASE")))
    with opened(door), pytest.raises(NotFoundError) as refusal:
        asyncio.run(call(door.address))

    assert refusal.value.reason == "NO_CASE"


def test_an_event_loop_shows_the_same() -> None:
    """Token and trace go along."""
    token = doors.ISSUER.issue(doors.CITIZEN, seconds=60)

    async def call(address: str) -> StringValue:
        async with client.open_async_channel(address) as channel:
            request = StringValue(value="authorization")
            return await AsyncCaller(10.0).call(doors.method(channel), request, bearer=token)

    door = doors.threaded(show)
    with opened(door):
        assert asyncio.run(call(door.address)).value == f"Bearer {token}"


def _told_by_a_stranger(answer: doors.Answer) -> ServiceError:
    """Call a plain gRPC server without our gate and return the error its caller gets."""
    with opened(doors.Stranger(answer)) as channel, pytest.raises(ServiceError) as refusal:
        ask(channel)
    return refusal.value
