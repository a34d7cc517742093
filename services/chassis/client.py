"""How one service calls another: with a token, a trace and a deadline, errors translated."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import grpc

from services.chassis import problems, telemetry
from services.chassis.server import MAX_MESSAGE_BYTES
from services.chassis.tls import Secured

Response = TypeVar("Response")

CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),  # or a stream that says little is not looked after
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)


class Bearer(Protocol):
    """Gives the token to show; empty for none."""

    def __call__(self) -> str:
        """Return a token that is good now."""


def open_channel(address: str, secured: Secured | None = None) -> grpc.Channel:
    """Open a channel to a service; connecting happens at the first call."""
    if secured is None:
        return grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
    return grpc.secure_channel(address, secured.credentials, options=_options(secured))


def open_async_channel(address: str, secured: Secured | None = None) -> grpc.aio.Channel:
    """Open a channel for an event loop; call it on that loop."""
    if secured is None:
        return grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS)
    return grpc.aio.secure_channel(address, secured.credentials, options=_options(secured))


def _options(secured: Secured) -> tuple[tuple[str, str | int], ...]:
    return (*CHANNEL_OPTIONS, ("grpc.ssl_target_name_override", secured.name))


class Caller:
    """Calls RPCs of other services in the name of a bearer."""

    def __init__(self, bearer: Bearer, deadline: float) -> None:
        self._bearer = bearer
        self._deadline = deadline

    def call(
        self,
        method: Callable[..., Response],
        request: Any,
        *,
        bearer: str | None = None,
        deadline: float | None = None,
    ) -> Response:
        """Call a stub's method; raises the ServiceError the other side told.

        `bearer` replaces our own token, to call on in somebody's name ("" is anonymous).
        """
        try:
            return method(
                request,
                metadata=metadata(self._bearer() if bearer is None else bearer),
                timeout=deadline or self._deadline,
            )
        except grpc.RpcError as error:
            raise problems.from_rpc_error(error) from error


class AsyncCaller:
    """Calls RPCs of other services from an event loop."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    async def call(self, method: Callable[..., Any], request: Any, *, bearer: str) -> Any:
        """Call a stub's method in the name of the bearer ("" is anonymous)."""
        try:
            return await method(request, metadata=metadata(bearer), timeout=self._deadline)
        except grpc.RpcError as error:
            raise problems.from_rpc_error(error) from error


def metadata(bearer: str) -> tuple[tuple[str, str], ...]:
    """Return the metadata of a call: its trace, and its token if there is one."""
    trace = (("traceparent", telemetry.current_traceparent()),)
    return (*trace, ("authorization", f"Bearer {bearer}")) if bearer else trace
