"""The errors of this product, and nothing else.

* ServiceError
  x InvalidError              the caller must change something
    + TooLargeError
    + IdempotencyKeyReusedError
  x UnauthenticatedError      we do not know who calls
  x ForbiddenError            we know, and they may not
  x NotFoundError             there is no such thing, for this caller
  x ConflictError             it changed, or is in a state that does not allow this
    + VersionConflictError
  x OverloadedError           try again later, we are full
  x UnavailableError          try again later, something we need is away
  x DeadlineError             it took longer than the caller would wait
  x InternalError             our fault

An error's docstring is its message unless the raiser names a value; `reason` is
a constant that programs may compare. How each becomes a gRPC status and an HTTP
problem is told in one place, `services/chassis/problems.py`.
"""


class ServiceError(Exception):
    """Something went wrong."""

    reason = "UNKNOWN"

    def __init__(self, message: str = "", *, reason: str = "", field: str = "") -> None:
        self.message = message or (self.__class__.__doc__ or "").strip()
        self.reason = reason or self.reason
        self.field = field
        super().__init__(self.message)


class InvalidError(ServiceError):
    """The request is not valid."""

    reason = "INVALID"


class TooLargeError(InvalidError):
    """The request is larger than allowed."""

    reason = "TOO_LARGE"


class IdempotencyKeyReusedError(InvalidError):
    """This idempotency key was used before with another request."""

    reason = "IDEMPOTENCY_KEY_REUSED"


class UnauthenticatedError(ServiceError):
    """The caller did not show a valid token."""

    reason = "UNAUTHENTICATED"


class ForbiddenError(ServiceError):
    """The caller may not do this."""

    reason = "FORBIDDEN"


class NotFoundError(ServiceError):
    """There is no such thing."""

    reason = "NOT_FOUND"


class ConflictError(ServiceError):
    """The present state does not allow this."""

    reason = "STATE_CONFLICT"


class VersionConflictError(ConflictError):
    """It changed since the caller saw it."""

    reason = "VERSION_CONFLICT"


class OverloadedError(ServiceError):
    """Too much is asked at once; try again shortly."""

    reason = "OVERLOADED"


class UnavailableError(ServiceError):
    """Something needed for this is away; try again shortly."""

    reason = "UNAVAILABLE"


class DeadlineError(ServiceError):
    """It was not done in the time the caller gave."""

    reason = "DEADLINE_EXCEEDED"


class InternalError(ServiceError):
    """Something is broken on our side; the failure is logged."""

    reason = "INTERNAL"


def name_of(error: BaseException) -> str:
    """Name an error by its constant or type; its words may be a citizen's."""
    return error.reason if isinstance(error, ServiceError) else type(error).__name__


RETRYABLE = (OverloadedError, UnavailableError, DeadlineError)
"""Errors after which the same request may succeed later."""
