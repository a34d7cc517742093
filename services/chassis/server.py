"""The gRPC doors: one kind with threads, one with asyncio, the same guard at both.

A call passes: limits → trace → guard → handler → error table. Nothing else
turns an error into a status.
"""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent import futures
from contextlib import aclosing, contextmanager
from typing import Any

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.chassis import errors, problems, telemetry
from services.chassis.auth import Guard, current_principal, forget_caller
from services.chassis.tokens import TokenExpiredError

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
MAX_METADATA_BYTES = 16 * 1024
START_SECONDS = 10.0
TELL_SECONDS = 5.0
"""How long the end of a stream may wait behind what its caller has not read."""
OPEN_TO_ALL = ("/grpc.health.v1.Health/", "/grpc.reflection.")
OPTIONS: Sequence[tuple[str, int]] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
    ("grpc.so_reuseport", 0),  # a second server on the same port is a mistake, not a replica
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_time_ms", 60_000),  # or who was cut off keeps their streams for hours
    ("grpc.http2.max_pings_without_data", 0),
)

log = structlog.get_logger()


class RpcServer:
    """A gRPC door that answers each call on a thread of a fixed pool."""

    def __init__(
        self,
        register: Callable[[grpc.Server], object],
        *,
        address: str,
        services: Sequence[str],
        guard: Guard,
        threads: int,
        show_reflection: bool,
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._server = grpc.server(
            futures.ThreadPoolExecutor(threads, thread_name_prefix=services[0].split(".")[-1]),
            interceptors=[_Gate(guard)],
            options=OPTIONS,
            maximum_concurrent_rpcs=threads * 64,
        )
        register(self._server)
        self._health = _Health(is_ready)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if show_reflection:
            reflection.enable_server_reflection(
                (*services, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
            )
        self.address = bind(_port_of(self._server, guard, services[0]), address)
        self._ran = False

    def start(self) -> None:
        """Open the door."""
        self._ran = True
        self._server.start()
        self._health.set("", health_pb2.HealthCheckResponse.SERVING)

    def stop(self, grace: float) -> None:
        """Say that we leave, let running calls end within the grace, and close."""
        self._health.enter_graceful_shutdown()
        if not self._ran:  # gRPC lets go of a port only after it has served on it
            self.start()
        self._server.stop(grace).wait(grace + 1)


class _Health(health.HealthServicer):
    """Says that a door serves only while what stands behind it can be used."""

    def __init__(self, is_ready: Callable[[], bool]) -> None:
        super().__init__()
        self._is_ready = is_ready

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802  gRPC's own name
        """Answer as of now: nobody has to tell us that it came back."""
        answer = super().Check(request, context)
        if answer.status == health_pb2.HealthCheckResponse.SERVING and not self._is_ready():
            return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.NOT_SERVING)
        return answer


class AsyncRpcServer:
    """A gRPC door on an event loop of its own thread, for streams and coalesced calls."""

    def __init__(
        self,
        register: Callable[[grpc.aio.Server], object],
        *,
        address: str,
        services: Sequence[str],
        guard: Guard,
        show_reflection: bool,
        max_calls: int = 4096,
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=services[0], daemon=True
        )
        self._thread.start()
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]  # not in the stubs

        async def build() -> str:
            # An asyncio server belongs to the loop it is made on.
            self._server = grpc.aio.server(
                interceptors=[_AsyncGate(guard)],
                options=OPTIONS,
                maximum_concurrent_rpcs=max_calls,
            )
            register(self._server)
            health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
            if show_reflection:
                names = (*services, health.SERVICE_NAME, reflection.SERVICE_NAME)
                reflection.enable_server_reflection(names, self._server)
            return bind(_port_of(self._server, guard, services[0]), address)

        try:
            self.address = self._run(build())
        except BaseException:
            self._end_loop()
            raise
        self._ran = False

    def start(self) -> None:
        """Open the door."""
        self._ran = True
        self._run(self._server.start())
        self._run(self._health.set("", health_pb2.HealthCheckResponse.SERVING))

    def stop(self, grace: float) -> None:
        """Say that we leave, let running calls end within the grace, and close."""
        if self._loop.is_closed():
            return
        self._run(self._health.enter_graceful_shutdown(), grace + 5)
        if not self._ran:  # as above
            self.start()
        self._run(self._server.stop(grace), grace + 5)
        self._end_loop(grace)

    def _end_loop(self, grace: float = 0.0) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(grace + 5)
        self._loop.close()

    def _run(self, coroutine: Any, seconds: float = START_SECONDS) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(seconds)


def _port_of(
    server: grpc.Server | grpc.aio.Server, guard: Guard, service: str
) -> Callable[[str], int]:
    """Return how the server takes a port: in the clear, or with the certificate of its service."""
    if guard.certificates is None:
        return server.add_insecure_port
    credentials = guard.certificates.server(service.split(".")[1])
    return lambda address: server.add_secure_port(address, credentials)


def bind(add_port: Callable[[str], int], address: str) -> str:
    """Take the port and return the address with the port taken; name it if it is not free."""
    host, _, _ = address.rpartition(":")
    try:
        port = add_port(address)
    except RuntimeError as error:
        raise errors.UnavailableError(f"cannot listen on {address}: is it taken?") from error
    return f"{host}:{port}"


class _Gate(grpc.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs only
    """Puts trace, guard and error table around every unary call of a threaded server."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = continuation(details)
        if handler is None or details.method.startswith(OPEN_TO_ALL):
            return handler
        if not handler.unary_unary:
            raise TypeError(f"{details.method}: streams belong to an AsyncRpcServer")
        metadata = dict(details.invocation_metadata)

        def guarded(request: Any, context: grpc.ServicerContext) -> Any:
            with _around(self._guard, details.method, metadata, request) as outcome:
                who = self._guard.admit(details.method, metadata.get("authorization", ""))
                self._guard.check_peer(details.method, who, context.auth_context())
                return handler.unary_unary(request, context)
            return context.abort_with_status(problems.to_status(outcome.error))

        return grpc.unary_unary_rpc_method_handler(
            guarded, handler.request_deserializer, handler.response_serializer
        )


class _AsyncGate(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # as above
    """Puts trace, guard and error table around every call of an asyncio server."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        if handler is None or details.method.startswith(OPEN_TO_ALL):
            return handler
        metadata = dict(details.invocation_metadata)
        method = details.method

        async def unary(request: Any, context: Any) -> Any:
            with _around(self._guard, method, metadata, request) as outcome:
                who = await self._guard.admit_soon(method, metadata.get("authorization", ""))
                self._guard.check_peer(method, who, context.auth_context())
                return await handler.unary_unary(request, context)
            return await _abort(context, outcome.error)

        async def stream(request: Any, context: Any) -> None:
            with _around(self._guard, method, metadata, request) as outcome:
                shown = metadata.get("authorization", "")
                who = await self._guard.admit_soon(method, shown)
                self._guard.check_peer(method, who, context.auth_context())
                responses = handler.unary_stream(request, context)
                await _write(responses, context, self._guard.end_of(shown))
                return
            try:
                async with asyncio.timeout(TELL_SECONDS):
                    await _abort(context, outcome.error)
            except TimeoutError:  # who does not read is not told, and the call is let go
                raise asyncio.CancelledError from None

        if handler.unary_unary:
            return grpc.unary_unary_rpc_method_handler(
                unary, handler.request_deserializer, handler.response_serializer
            )
        return grpc.unary_stream_rpc_method_handler(
            stream, handler.request_deserializer, handler.response_serializer
        )


async def _write(responses: AsyncGenerator[Any, None], context: Any, end: float) -> None:
    """Write what a stream gives until a time (Unix seconds); then its caller's token has expired.

    Writing belongs to it: a caller who does not read keeps their place no longer than who does.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + end - time.time()
    try:
        async with aclosing(responses), asyncio.timeout_at(deadline) as limit:
            async for response in responses:
                await context.write(response)
    except grpc.aio.InternalError:
        # A write of gRPC's fails only where the caller is gone, now and then before it cancels.
        raise asyncio.CancelledError from None
    except TimeoutError:
        if not limit.expired():
            raise
        raise TokenExpiredError from None


async def _abort(context: Any, error: errors.ServiceError) -> None:
    status = problems.to_status(error)
    context.set_trailing_metadata(status.trailing_metadata)
    await context.abort(status.code, status.details, status.trailing_metadata)


class _Outcome:
    """What a call ended with, when it ended badly."""

    error: errors.ServiceError = errors.InternalError()


@contextmanager
def _around(guard: Guard, method: str, metadata: dict[str, Any], request: Any) -> Any:
    """Trace and time a call; leave the error it raised in the outcome."""
    forget_caller()
    outcome = _Outcome()
    begin = time.perf_counter()
    with telemetry.trace(metadata.get("traceparent"), case_id=getattr(request, "case_id", "")):
        try:
            yield outcome
        except errors.ServiceError as error:
            outcome.error = error
            guard.note_refusal(method, error, current_principal())
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except Exception as error:  # noqa: BLE001  the last door: log the place, tell little
            outcome.error = errors.InternalError()
            log.error("call failed", method=method, **telemetry.failure(error))
        else:
            milliseconds = round((time.perf_counter() - begin) * 1000, 2)
            log.debug("call", method=method, milliseconds=milliseconds)
