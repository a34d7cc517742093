"""What routing does: one function per call or batch of events that reaches it."""

from services.routing.handlers.choose import (
    RequestIdError,
    UnknownCaseError,
    assign,
    confirm,
)
from services.routing.handlers.route import Asked, ModelAwayError, Rules, route
from services.routing.handlers.suggest import (
    MAX_TEXT_CHARACTERS,
    Suggested,
    Suggestion,
    TextLengthError,
    suggest,
)

__all__ = [
    "MAX_TEXT_CHARACTERS",
    "Asked",
    "ModelAwayError",
    "RequestIdError",
    "Rules",
    "Suggested",
    "Suggestion",
    "TextLengthError",
    "UnknownCaseError",
    "assign",
    "confirm",
    "route",
    "suggest",
]
