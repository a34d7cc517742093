"""Every refusal as application/problem+json (RFC 9457), whoever refuses."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.chassis import problems
from services.chassis.errors import (
    InvalidError,
    NotFoundError,
    ServiceError,
    UnauthenticatedError,
    UnavailableError,
    VersionConflictError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_STATUSES = (429, 503, 504)
MAX_VIOLATIONS = 20
MAX_FIELD_CHARACTERS = 64

HTTP_ONLY = {
    405: ("METHOD_NOT_ALLOWED", "Method not allowed"),
    408: ("REQUEST_TIMEOUT", "Sent too slowly"),
    415: ("UNSUPPORTED_MEDIA_TYPE", "Media type not supported"),
    431: ("HEAD_TOO_LARGE", "Request head too large"),
}
"""What only HTTP can get wrong; everything else is told in services/chassis/problems.py."""


class IdempotencyKeyMissingError(InvalidError):
    """A request that changes something needs an Idempotency-Key header."""

    reason = "IDEMPOTENCY_KEY_MISSING"


class MalformedJsonError(InvalidError):
    """The body is not well-formed JSON in UTF-8."""

    reason = "MALFORMED_JSON"


class MalformedHttpError(InvalidError):
    """This is not HTTP/1.1."""

    reason = "MALFORMED_HTTP"


class PreconditionError(VersionConflictError):
    """The case has another version than If-Match names."""


class BusyError(UnavailableError):
    """Too much is asked at once; try again shortly."""

    reason = "OVERLOADED"


class NoSuchPathError(NotFoundError):
    """There is nothing at this path."""


def install(app: FastAPI) -> None:
    """Make the app tell every error as a problem."""
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


def refuse(
    error: ServiceError, path: str, *, headers: Mapping[str, str] | None = None, **extra: Any
) -> Response:
    """Return the answer that tells an error; extra members join the problem."""
    told = problems.to_problem(error, instance=path) | extra
    if isinstance(error, PreconditionError):
        told["status"] = 412
    more = dict(headers or {})
    if told["status"] in RETRY_STATUSES:
        more["Retry-After"] = str(getattr(error, "retry_after", problems.RETRY_SECONDS))
    if isinstance(error, UnauthenticatedError):
        more["WWW-Authenticate"] = "Bearer"
    return _problem(told, more)


def refuse_http(
    status: int, detail: str, path: str, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the answer to something only HTTP can get wrong."""
    code, title = HTTP_ONLY[status]
    told = {
        "type": problem_type(code),
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": path,
    }
    return _problem(told, dict(headers or {}))


def problem_type(code: str) -> str:
    """Return the URI that names a kind of problem."""
    return str(problems.to_problem(InvalidError(reason=code))["type"])


def _problem(told: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    return Response(
        msgspec.json.encode(told), told["status"], headers=headers, media_type=MEDIA_TYPE
    )


async def _service_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, ServiceError):
        raise error
    return refuse(error, request.url.path)


async def _validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()[:MAX_VIOLATIONS]
    if any(one["loc"][0] == "path" for one in found):
        return refuse(NotFoundError(), request.url.path)
    if any(_is_missing_key(one) for one in found):
        return refuse(IdempotencyKeyMissingError(), request.url.path)
    violations = [{"field": _field(one["loc"]), "detail": _sentence(one["msg"])} for one in found]
    first = InvalidError("; ".join(f"{one['field']}: {one['detail']}" for one in violations))
    return refuse(first, request.url.path, errors=violations)


def _is_missing_key(violation: Mapping[str, Any]) -> bool:
    named = str(violation["loc"][-1]).lower() == "idempotency-key"
    return named and violation["type"] in ("missing", "string_too_short")


def _field(where: Sequence[str | int]) -> str:
    name = ".".join(str(part) for part in where[1:]) or str(where[0])
    return name[:MAX_FIELD_CHARACTERS]


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")


async def _http_error(request: Request, error: Exception) -> Response:
    """Tell what the router refused; nobody else raises this."""
    if not isinstance(error, HTTPException):
        raise error
    path = request.url.path
    if error.status_code == 405:
        detail = f"{request.method} is not possible here"
        return refuse_http(405, detail, path, headers={"Allow": _allowed(request)})
    if error.status_code == 404:
        return refuse(NoSuchPathError(), path)
    return refuse(MalformedJsonError(), path)


def _allowed(request: Request) -> str:
    """Return the methods of all routes at the path; the router names only the first's."""
    found: set[str] = set()
    for route in request.app.state.routes:
        if route.path_regex.match(request.url.path):
            found |= route.methods
    return ", ".join(sorted(found))
