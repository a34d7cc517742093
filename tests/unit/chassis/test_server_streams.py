"""What the door with streams promises."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis import problems, server, tokens
from services.chassis.errors import NotFoundError, UnauthenticatedError
from tests.unit.chassis import doors
from tests.unit.chassis.doors import SERVICE, ask, echo, opened, refusing


class _Details:
    """What gRPC tells an interceptor of a call."""

    method = f"/{SERVICE}/Ask"
    invocation_metadata = ()


@pytest.fixture
def watched() -> Iterator[grpc.Channel]:
    """Give a channel to a door with streams."""
    with opened(doors.asyncio_door()) as channel:
        yield channel


def test_a_stream_is_answered(watched: grpc.Channel) -> None:
    """What happens is told at once, while the stream stays open."""
    call = doors.stream(watched)(StringValue(value="x"), timeout=10)

    assert next(call).value == "x"
    call.cancel()


def test_a_stream_without_a_policy_row_is_refused(watched: grpc.Channel) -> None:
    """Streams pass the same guard."""
    with pytest.raises(grpc.RpcError) as refusal:
        next(doors.stream(watched, "SecretWatch")(StringValue(), timeout=10))

    assert refusal.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_a_stream_s_error_is_told_by_the_same_table() -> None:
    """A refusal inside a stream is a status with its details."""
    with (
        opened(doors.asyncio_door(refusing(NotFoundError(reason="NO_FEED")))) as channel,
        pytest.raises(grpc.RpcError) as refusal,
    ):
        next(doors.stream(channel)(StringValue(), timeout=10))

    error = problems.from_rpc_error(refusal.value)
    assert (type(error), error.reason) == (NotFoundError, "NO_FEED")


def test_a_surprise_in_a_stream_is_told_without_details() -> None:
    """As in a plain call."""
    with (
        opened(doors.asyncio_door(refusing(KeyError("hunter2")))) as channel,
        pytest.raises(grpc.RpcError) as refusal,
    ):
        next(doors.stream(channel)(StringValue(), timeout=10))

    assert refusal.value.code() is grpc.StatusCode.INTERNAL
    assert "hunter2" not in str(refusal.value)


def test_a_stream_ends_with_the_token_that_opened_it(
    watched: grpc.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one on which nothing happens; whoever has a new token opens it again."""
    call = doors.stream(watched)(StringValue(value="x"), timeout=20, metadata=shown(monkeypatch))
    assert next(call).value == "x"

    with pytest.raises(grpc.RpcError) as end:
        next(call)

    error = problems.from_rpc_error(end.value)
    assert (type(error), error.reason) == (UnauthenticatedError, "TOKEN_EXPIRED")


def test_a_stream_that_never_rests_ends_too(
    watched: grpc.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is ready is not given either once the token has expired."""
    flood = doors.stream(watched, "Flood")

    with pytest.raises(grpc.RpcError) as end:
        list(flood(StringValue(value="x"), timeout=20, metadata=shown(monkeypatch)))

    assert problems.from_rpc_error(end.value).reason == "TOKEN_EXPIRED"


def test_a_stream_that_is_not_read_keeps_its_place_no_longer(
    monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., None]
) -> None:
    """Waiting in its own write when the token expires, it is let go; who reads late hears why."""
    monkeypatch.setattr(server, "TELL_SECONDS", 0.1)
    ended = threading.Event()

    def answer(request: StringValue, context: Any) -> StringValue:
        context.add_done_callback(lambda _: ended.set())
        return StringValue(value="x" * 20_000)

    with opened(doors.asyncio_door(answer)) as channel:
        flood = doors.stream(channel, "Flood")
        call = flood(StringValue(), timeout=30, metadata=shown(monkeypatch))
        next(call)

        eventually(ended.is_set)

        with pytest.raises(grpc.RpcError) as end:
            list(call)
        assert problems.from_rpc_error(end.value).reason == "TOKEN_EXPIRED"


def shown(monkeypatch: pytest.MonkeyPatch) -> tuple[tuple[str, str]]:
    """Return what a caller shows whose token is good for three seconds, to the second."""
    monkeypatch.setattr(tokens, "LEEWAY_SECONDS", 0)
    token = doors.ISSUER.issue(doors.CITIZEN, seconds=3)
    return (("authorization", f"Bearer {token}"),)


def test_a_door_stops_while_a_stream_is_open() -> None:
    """Nobody's open stream keeps a service from stopping."""
    door = doors.asyncio_door()
    door.start()
    with doors.open_channel(door.address) as channel:
        call = doors.stream(channel)(StringValue(value="x"), timeout=60)
        next(call)

        door.stop(0.2)

        with pytest.raises(grpc.RpcError) as end:
            next(call)
        assert end.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


def test_an_abandoned_stream_ends_its_handler(eventually: Callable[..., None]) -> None:
    """Who hangs up leaves nothing running behind."""
    ended = threading.Event()

    def answer(request: StringValue, context: Any) -> StringValue:
        context.add_done_callback(lambda _: ended.set())
        return echo(request)

    with opened(doors.asyncio_door(answer)) as channel:
        call = doors.stream(channel)(StringValue(value="x"), timeout=60)
        next(call)
        call.cancel()

        eventually(ended.is_set)
        assert ask(channel).value == "x"


class _Gone:
    """What gRPC gives a stream whose caller was killed: about one write in sixty ends so."""

    async def write(self, response: StringValue) -> None:
        raise grpc.aio.InternalError("the connection is gone")


def test_a_caller_who_is_gone_in_the_middle_of_a_write_is_no_surprise() -> None:
    """They are as gone as one who cancels: nobody is alarmed by their leaving."""

    async def answers() -> AsyncGenerator[StringValue, None]:
        yield StringValue(value="x")

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(server._write(answers(), _Gone(), time.time() + 60))


def test_streams_do_not_belong_behind_threads() -> None:
    """A stream would hold a thread for as long as it lasts; the mistake shows at the first call."""
    coding = {"request_deserializer": StringValue.FromString, "response_serializer": bytes}
    handler = grpc.unary_stream_rpc_method_handler(lambda *_: iter(()), **coding)
    rows = grpc.method_handlers_generic_handler(SERVICE, {"Ask": handler})

    with pytest.raises(TypeError, match="streams belong to an AsyncRpcServer"):
        server._Gate(doors.guard()).intercept_service(rows.service, _Details())
