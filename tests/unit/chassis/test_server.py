"""What both kinds of gRPC door promise, and the one with streams besides."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
import structlog
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from services.chassis import server, telemetry
from services.chassis.auth import Policy, current_principal
from services.chassis.client import Caller
from services.chassis.errors import (
    ForbiddenError,
    InternalError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from services.chassis.principal import Principal, Role
from tests.unit.chassis import doors
from tests.unit.chassis.doors import SERVICE, Door, Latch, ask, echo, opened, refusing

MakeDoor = Callable[..., Door]
CASES = health_pb2.HealthCheckResponse


@pytest.fixture(params=doors.DOORS)
def make(request: pytest.FixtureRequest) -> MakeDoor:
    """Make a door of each kind."""
    return doors.DOORS[request.param]


@pytest.fixture
def channel(make: MakeDoor) -> Iterator[grpc.Channel]:
    """Give a channel to a door that answers what it is asked."""
    with opened(make()) as channel:
        yield channel


def serving(channel: grpc.Channel) -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    return stub.Check(health_pb2.HealthCheckRequest(), timeout=10).status


def listed(channel: grpc.Channel) -> list[str]:
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    (answer,) = stub.ServerReflectionInfo(iter([request]), timeout=10)
    return [service.name for service in answer.list_services_response.service]


def test_a_call_with_a_row_is_answered(channel: grpc.Channel) -> None:
    """The refusals below are not for want of a service."""
    assert ask(channel, text="сәлем").value == "сәлем"


def test_a_call_without_a_policy_row_is_refused(channel: grpc.Channel) -> None:
    """Being served is not being allowed: the table decides."""
    with pytest.raises(ForbiddenError):
        ask(channel, "Secret")


def test_a_refused_call_never_reaches_its_handler(make: MakeDoor) -> None:
    """The guard stands before the handler."""
    reached: list[StringValue] = []

    def answer(request: StringValue, _context: Any) -> StringValue:
        reached.append(request)
        return request

    with opened(make(answer)) as channel, pytest.raises(ForbiddenError):
        ask(channel, "Secret")

    assert reached == []


def test_a_bad_token_is_refused(channel: grpc.Channel) -> None:
    """Both doors read the Authorization header."""
    caller = doors.Caller(lambda: "a.b.c", deadline=10.0)

    with pytest.raises(UnauthenticatedError):
        caller.call(doors.method(channel), StringValue())


def test_the_handler_knows_who_calls(make: MakeDoor) -> None:
    """The principal of the token, in the very call."""
    berik = Principal("berik", Role.CITIZEN)
    caller = doors.Caller(lambda: doors.ISSUER.issue(berik, seconds=60), deadline=10.0)

    with opened(make(lambda *_: StringValue(value=current_principal().subject))) as channel:
        assert caller.call(doors.method(channel), StringValue()).value == "berik"
        assert ask(channel).value == "anonymous"


def test_a_call_continues_its_caller_s_trace(make: MakeDoor) -> None:
    """The handler's trace id is the one in the caller's header."""
    with (
        opened(make(lambda *_: StringValue(value=telemetry.current_traceparent()))) as channel,
        telemetry.trace(None) as outgoing,
    ):
        inside = ask(channel).value

    assert inside.split("-")[1] == outgoing.split("-")[1]
    assert inside != outgoing


def test_an_unknown_method_does_not_exist(channel: grpc.Channel) -> None:
    """Callers learn that there is no such method, whoever they are."""
    with pytest.raises(grpc.RpcError) as refusal:
        doors.method(channel, "Unknown")(StringValue(), timeout=10)

    assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_message_over_the_limit_is_refused(make: MakeDoor) -> None:
    """The door does not take in what a service could not bear."""
    with (
        opened(make()) as channel,
        grpc.insecure_channel(_address(channel)) as generous,
        pytest.raises(TooLargeError),
    ):
        ask(generous, text="x" * server.MAX_MESSAGE_BYTES)


def test_a_message_under_the_limit_is_taken(channel: grpc.Channel) -> None:
    """The limit is where it is said to be."""
    text = "x" * (server.MAX_MESSAGE_BYTES - 100)

    assert len(ask(channel, text=text).value) == len(text)


def test_metadata_over_the_limit_is_refused(channel: grpc.Channel) -> None:
    """Headers are bounded as well."""
    large = (("x-large", "x" * (2 * server.MAX_METADATA_BYTES)),)

    with pytest.raises(grpc.RpcError) as refusal:
        doors.method(channel)(StringValue(), metadata=large, timeout=10)

    assert refusal.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_surprise_is_told_without_its_details(make: MakeDoor) -> None:
    """Callers learn that we failed, and nothing about how."""
    with (
        opened(make(refusing(KeyError("password=hunter2")))) as channel,
        pytest.raises(grpc.RpcError) as refusal,
    ):
        doors.method(channel)(StringValue(), timeout=10)

    assert refusal.value.code() is grpc.StatusCode.INTERNAL
    assert "hunter2" not in str(refusal.value)
    assert "KeyError" not in str(refusal.value)


def test_who_was_refused_is_told_by_a_pseudonym(make: MakeDoor) -> None:
    """By role and a name made of theirs; whoever comes after without a token is not taken for them.

    Threads are used again: one is enough for all callers here.
    """
    officer = Principal("900101300123", Role.OFFICER)
    known = Caller(lambda: doors.ISSUER.issue(officer, seconds=60), deadline=10.0)
    one = {"threads": 1} if make is doors.threaded else {}
    with structlog.testing.capture_logs() as lines, opened(make(**one)) as channel:
        with pytest.raises(ForbiddenError):
            known.call(doors.method(channel, "Secret"), StringValue())
        with pytest.raises(ForbiddenError):
            ask(channel, "Secret")

    theirs, nobody = (line for line in lines if line["event"] == "call refused")
    assert (theirs["code"], theirs["role"]) == ("FORBIDDEN", "officer")
    assert theirs["subject"] == doors.ISSUER.pseudonym(officer.subject)
    assert officer.subject not in str(lines)
    assert not nobody.keys() & {"role", "subject"}


def test_a_surprise_is_logged(make: MakeDoor) -> None:
    """What the caller is not told, the log tells."""
    with (
        structlog.testing.capture_logs() as lines,
        opened(make(refusing(KeyError("x")))) as channel,
        pytest.raises(InternalError),
    ):
        ask(channel)

    assert [(line["event"], line["error"]) for line in lines if line["log_level"] == "error"] == [
        ("call failed", "KeyError")
    ]


def test_a_surprise_is_logged_by_its_place(
    make: MakeDoor, capfd: pytest.CaptureFixture[str]
) -> None:
    """The message may quote what a citizen wrote: neither the log nor anything else repeats it."""
    with (
        structlog.testing.capture_logs() as lines,
        opened(make(refusing(ValueError("secret words")))) as channel,
        pytest.raises(InternalError),
    ):
        ask(channel)

    (failed,) = (line for line in lines if line["event"] == "call failed")
    assert failed["file"] == doors.__file__
    assert "secret words" not in str(lines) + "".join(capfd.readouterr())


def test_a_door_lives_on_after_a_surprise(make: MakeDoor) -> None:
    """One failing call is one failing call."""

    def answer(request: StringValue, _context: Any) -> StringValue:
        return echo(request) if request.value else refusing(ZeroDivisionError())(request, None)

    with opened(make(answer)) as channel:
        with pytest.raises(InternalError):
            ask(channel, text="")

        assert ask(channel, text="next").value == "next"


def test_health_tells_that_the_door_serves(channel: grpc.Channel) -> None:
    """Whoever watches over us needs no token."""
    assert serving(channel) == CASES.SERVING


def test_health_needs_no_policy_row(make: MakeDoor) -> None:
    """An empty table closes everything but the health."""
    with opened(make(guard=doors.guard(Policy({})))) as channel:
        assert serving(channel) == CASES.SERVING
        with pytest.raises(ForbiddenError):
            ask(channel)


def test_reflection_is_there_when_asked_for(make: MakeDoor) -> None:
    """A developer may look around."""
    with opened(make(show_reflection=True)) as channel:
        assert SERVICE in listed(channel)


def test_reflection_is_not_there_otherwise(channel: grpc.Channel) -> None:
    """Production does not show its map."""
    with pytest.raises(grpc.RpcError) as refusal:
        listed(channel)

    assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_taken_port_is_named(make: MakeDoor) -> None:
    """The operator learns which address was not free."""
    with opened(make()) as channel:
        address = _address(channel)

        with pytest.raises(UnavailableError, match=f"cannot listen on {address}"):
            make(address=address)


def test_a_running_call_may_end_within_the_grace() -> None:
    """Stopping does not cut off who is being served."""
    latch = Latch()
    door = doors.threaded(latch)
    door.start()
    with doors.open_channel(door.address) as channel:
        call = doors.method(channel).future(StringValue(value="x"), timeout=20)
        assert latch.entered.wait(10)

        stopping = threading.Thread(target=door.stop, args=(15.0,))
        stopping.start()
        latch.leave.set()

        assert call.result().value == "x"
        stopping.join()


def test_a_stopped_door_takes_no_calls(make: MakeDoor) -> None:
    """After the end callers learn that we are away."""
    door = make()
    door.start()
    with doors.open_channel(door.address) as channel:
        ask(channel)
        door.stop(1.0)

        with pytest.raises(UnavailableError):
            ask(channel)


def _address(channel: grpc.Channel) -> str:
    return channel._channel.target().decode().removeprefix("dns:///").removeprefix("ipv4:")
