"""Both kinds of door with a small service behind them, and callers of it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from joserfc.jwk import ECKey

from services.chassis.auth import Guard, Issuer
from services.chassis.client import Caller, open_channel
from services.chassis.policy import Policy
from services.chassis.principal import Principal, Role
from services.chassis.server import AsyncRpcServer, RpcServer

SERVICE = "qyzmet.test.v1.TestService"
FREE_PORT = "127.0.0.1:0"
CITIZEN = Principal("aigul", Role.CITIZEN)
ISSUER = Issuer(ECKey.generate_key("P-256"))
OPEN = ("Ask", "Watch", "Flood")
POLICY = Policy({f"/{SERVICE}/{method}": frozenset({Role.CITIZEN}) for method in OPEN})

Answer = Callable[[StringValue, Any], Any]


def guard(policy: Policy = POLICY) -> Guard:
    return Guard(ISSUER.verify, policy, allow_anonymous=True, pseudonym=ISSUER.pseudonym)


def echo(request: StringValue, _context: Any = None) -> StringValue:
    return StringValue(value=request.value)


def refusing(error: Exception) -> Answer:
    """Answer every call with an error."""

    def answer(_request: StringValue, _context: Any) -> StringValue:
        raise error

    return answer


def threaded(answer: Answer = echo, **changed: Any) -> RpcServer:
    """Make a threaded door; `Ask` and `Secret`, which has no policy row, get the answer."""
    return RpcServer(
        lambda server: server.add_generic_rpc_handlers((_handler(answer),)),
        **{
            "address": FREE_PORT,
            "services": [SERVICE],
            "guard": guard(),
            "threads": 4,
            "show_reflection": False,
            **changed,
        },
    )


def asyncio_door(answer: Answer = echo, **changed: Any) -> AsyncRpcServer:
    """Make the same door on an event loop, with the streams `Watch` and `Flood` besides."""

    async def answer_soon(request: StringValue, context: Any) -> StringValue:
        return answer(request, context)

    async def watch(request: StringValue, context: Any) -> AsyncIterator[StringValue]:
        yield answer(request, context)
        await asyncio.Event().wait()  # like a feed on which nothing happens

    async def flood(request: StringValue, context: Any) -> AsyncIterator[StringValue]:
        while True:  # like a feed with more than anybody reads
            yield answer(request, context)

    streams = {"Watch": watch, "SecretWatch": watch, "Flood": flood}
    return AsyncRpcServer(
        lambda server: server.add_generic_rpc_handlers((_handler(answer_soon, streams),)),
        **{
            "address": FREE_PORT,
            "services": [SERVICE],
            "guard": guard(),
            "show_reflection": False,
            **changed,
        },
    )


class Stranger:
    """A gRPC server that is none of ours: no gate, no table."""

    def __init__(self, answer: Answer) -> None:
        self._server = grpc.server(futures.ThreadPoolExecutor(1))
        self._server.add_generic_rpc_handlers((_handler(answer),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port(FREE_PORT)}"

    def start(self) -> None:
        self._server.start()

    def stop(self, grace: float) -> None:
        self._server.stop(grace).wait(grace + 1)


Door = RpcServer | AsyncRpcServer | Stranger
DOORS: dict[str, Callable[..., Door]] = {"threads": threaded, "asyncio": asyncio_door}


@contextmanager
def opened(door: Door) -> Iterator[grpc.Channel]:
    """Open a door, give a channel to it, and close both."""
    door.start()
    try:
        with open_channel(door.address) as channel:
            yield channel
    finally:
        door.stop(1.0)


def method(channel: grpc.Channel, name: str = "Ask") -> Any:
    return channel.unary_unary(
        f"/{SERVICE}/{name}",
        request_serializer=StringValue.SerializeToString,
        response_deserializer=StringValue.FromString,
    )


def stream(channel: grpc.Channel, name: str = "Watch") -> Any:
    return channel.unary_stream(
        f"/{SERVICE}/{name}",
        request_serializer=StringValue.SerializeToString,
        response_deserializer=StringValue.FromString,
    )


def ask(channel: grpc.Channel, name: str = "Ask", text: str = "x") -> StringValue:
    """Call as an anonymous citizen; raises what the door told."""
    return Caller(lambda: "", deadline=10.0).call(method(channel, name), StringValue(value=text))


class Latch:
    """Holds calls inside a handler until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.leave = threading.Event()

    def __call__(self, request: StringValue, context: Any) -> StringValue:
        self.entered.set()
        assert self.leave.wait(20), "nobody let the call go"
        return echo(request)


def _handler(answer: Any, streams: dict[str, Any] | None = None) -> grpc.GenericRpcHandler:
    coding = {
        "request_deserializer": StringValue.FromString,
        "response_serializer": StringValue.SerializeToString,
    }
    rows = {
        name: grpc.unary_unary_rpc_method_handler(answer, **coding) for name in ("Ask", "Secret")
    }
    rows |= {
        name: grpc.unary_stream_rpc_method_handler(watch, **coding)
        for name, watch in (streams or {}).items()
    }
    return grpc.method_handlers_generic_handler(SERVICE, rows)
