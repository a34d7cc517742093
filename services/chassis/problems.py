"""How an error is told to a caller: the one table of gRPC status and HTTP problem.

Over gRPC the details travel as google.rpc.ErrorInfo, BadRequest and RetryInfo
(AIP-193); over HTTP as application/problem+json (RFC 9457).
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from services.chassis import errors

DOMAIN = "qyzmet.kz"
RETRY_SECONDS = 1
DETAILS_KEY = "grpc-status-details-bin"

_TOO_LARGE = "larger than max"
"""What gRPC itself says of a message over the limit."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How one kind of error is told."""

    code: grpc.StatusCode
    http: int
    title: str


TABLE: dict[type[errors.ServiceError], Telling] = {
    errors.IdempotencyKeyReusedError: Telling(
        grpc.StatusCode.INVALID_ARGUMENT, 422, "Idempotency key reused"
    ),
    errors.TooLargeError: Telling(grpc.StatusCode.INVALID_ARGUMENT, 413, "Too large"),
    errors.InvalidError: Telling(grpc.StatusCode.INVALID_ARGUMENT, 400, "Not valid"),
    errors.UnauthenticatedError: Telling(grpc.StatusCode.UNAUTHENTICATED, 401, "Not signed in"),
    errors.ForbiddenError: Telling(grpc.StatusCode.PERMISSION_DENIED, 403, "Not allowed"),
    errors.NotFoundError: Telling(grpc.StatusCode.NOT_FOUND, 404, "Not found"),
    errors.VersionConflictError: Telling(grpc.StatusCode.ABORTED, 409, "Changed meanwhile"),
    errors.ConflictError: Telling(grpc.StatusCode.FAILED_PRECONDITION, 409, "Not possible now"),
    errors.OverloadedError: Telling(grpc.StatusCode.RESOURCE_EXHAUSTED, 429, "Too busy"),
    errors.UnavailableError: Telling(grpc.StatusCode.UNAVAILABLE, 503, "Away"),
    errors.DeadlineError: Telling(grpc.StatusCode.DEADLINE_EXCEEDED, 504, "Took too long"),
    errors.InternalError: Telling(grpc.StatusCode.INTERNAL, 500, "Broken on our side"),
}

_BY_REASON = {kind.reason: kind for kind in TABLE}
_BY_CODE: dict[grpc.StatusCode, type[errors.ServiceError]] = {
    telling.code: kind for kind, telling in TABLE.items()
} | {
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidError,
    grpc.StatusCode.CANCELLED: errors.UnavailableError,
    grpc.StatusCode.UNIMPLEMENTED: errors.InternalError,
}


def telling(error: errors.ServiceError) -> Telling:
    """Return how the error is told: by its class, or the nearest class above it."""
    for kind in type(error).__mro__:
        if kind in TABLE:
            return TABLE[kind]
    return TABLE[errors.InternalError]


def to_status(error: errors.ServiceError) -> Any:
    """Return the error as a gRPC status with its details."""
    details = [_pack(error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN))]
    if error.field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=error.message
        )
        details.append(_pack(error_details_pb2.BadRequest(field_violations=[violation])))
    if isinstance(error, errors.RETRYABLE):
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.seconds = RETRY_SECONDS
        details.append(_pack(retry))
    code = telling(error).code.value[0]
    return rpc_status.to_status(
        status_pb2.Status(code=code, message=error.message, details=details)
    )


def from_rpc_error(error: grpc.RpcError) -> errors.ServiceError:
    """Return the error a call to another service ended with."""
    code = error.code() if hasattr(error, "code") else grpc.StatusCode.UNKNOWN
    reason, field = _details(error)
    kind = _BY_REASON.get(reason) or _BY_CODE.get(code, errors.InternalError)
    if not reason:
        # Not one of ours: the text comes from the transport and may name addresses.
        return errors.TooLargeError() if _is_too_large(error) else kind()
    return kind(error.details() or "", reason=reason, field=field)


def _is_too_large(error: grpc.RpcError) -> bool:
    """Tell a message over the limit from a full server: one status, but no use in trying again."""
    return _TOO_LARGE in (error.details() or "") if hasattr(error, "details") else False


def to_problem(error: errors.ServiceError, *, instance: str = "") -> dict[str, Any]:
    """Return the error as the body of an application/problem+json answer (RFC 9457)."""
    how = telling(error)
    problem: dict[str, Any] = {
        "type": f"https://qyzmet.kz/problems/{error.reason.lower().replace('_', '-')}",
        "title": how.title,
        "status": how.http,
        "detail": error.message,
        "code": error.reason,
    }
    if instance:
        problem["instance"] = instance
    if error.field:
        problem["errors"] = [{"field": error.field, "detail": error.message}]
    return problem


def _pack(message: Any) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed


def _details(error: grpc.RpcError) -> tuple[str, str]:
    reason = field = ""
    pairs: Any = error.trailing_metadata() or ()
    trailing: dict[str, Any] = dict(pairs)
    # What a stranger sends may be unreadable; then the status code alone tells.
    with suppress(DecodeError):
        for detail in status_pb2.Status.FromString(trailing.get(DETAILS_KEY, b"")).details:
            info = error_details_pb2.ErrorInfo()
            bad = error_details_pb2.BadRequest()
            if detail.Unpack(info) and info.domain == DOMAIN:
                reason = info.reason
            elif detail.Unpack(bad) and bad.field_violations:
                field = bad.field_violations[0].field
    return reason, field
