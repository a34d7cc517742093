"""What a route tells of itself in the OpenAPI document: its answers and its refusals."""

from typing import Any

from google.protobuf.message import Message

from gateway.http.problems import MEDIA_TYPE, RETRY_STATUSES
from gateway.http.schemas import reference

ERRORS = {
    400: "Something in the request must change; `errors` names the field.",
    401: "The caller did not show a valid token.",
    403: "The caller may not do this.",
    404: "There is no such thing, for this caller.",
    408: "The body came too slowly.",
    409: "It changed since the caller saw it, or its state does not allow this.",
    412: "The case has another version than If-Match names.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not declared as application/json.",
    422: "The idempotency key was used before with another request.",
    429: "Too much is asked at once; try again after Retry-After seconds.",
    500: "Something is broken on our side.",
    503: "Something needed for this is away; try again after Retry-After seconds.",
    504: "It was not done in time; the same request may be sent again after Retry-After seconds.",
}
ALWAYS = (400, 401, 403, 429, 500, 503, 504)
READS = (404,)
BODIES = (408, 413, 415)
WRITES = (*BODIES, 409, 422)
CHANGES = (*WRITES, 404, 412)

TAGGED = ("qyzmet.cases.v1.Case", "qyzmet.cases.v1.SplitCaseResponse")
"""Answers that tell the version of a case as their entity tag."""

_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
}
_ETAG = {
    "ETag": {"description": "The version of the case, for If-Match.", "schema": {"type": "string"}}
}
_LOCATION = {
    "Location": {"description": "Where the case is.", "schema": {"type": "string"}},
    "Link": {"description": "Where proofs of its decisions are.", "schema": {"type": "string"}},
}


def tells(
    message: type[Message], words: str, *, errors: tuple[int, ...] = (), status: int = 200
) -> dict[str, Any]:
    """Return what a route's decorator needs: the answer's schema, its words, and the errors."""
    good: dict[str, Any] = {
        "description": words,
        "content": {"application/json": {"schema": reference(message.DESCRIPTOR.name)}},
    }
    if headers := _headers(message, status):
        good["headers"] = headers
    refusals = {code: _refusal(code) for code in sorted({*ALWAYS, *errors})}
    return {
        "status_code": status,
        "response_model": None,
        "responses": {status: good, **refusals},
        "openapi_extra": {"x-message": message.DESCRIPTOR.full_name},
    }


def tells_rows(message: type[Message], words: str) -> dict[str, Any]:
    """Return what a route's decorator needs whose answer is a table as well, for who accepts it."""
    told = tells(message, words)
    told["responses"][200]["content"]["text/csv"] = {"schema": {"type": "string"}}
    return told


def _headers(message: type[Message], status: int) -> dict[str, Any]:
    told = _ETAG if message.DESCRIPTOR.full_name in TAGGED else {}
    return told | (_LOCATION if status == 201 else {})


def _refusal(status: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": ERRORS[status],
        "content": {MEDIA_TYPE: {"schema": reference("Problem")}},
    }
    return told | ({"headers": _RETRY_AFTER} if status in RETRY_STATUSES else {})
