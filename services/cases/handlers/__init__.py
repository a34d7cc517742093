"""What cases does: one function per call that reaches it."""

from services.cases.handlers.parts import split
from services.cases.handlers.record import (
    Masked,
    Wanted,
    get,
    list_cases,
    masked_texts,
    read_text,
    record_answer,
    record_decisions,
    submit,
)
from services.cases.handlers.wishes import provide, withdraw

__all__ = [
    "Masked",
    "Wanted",
    "get",
    "list_cases",
    "masked_texts",
    "provide",
    "read_text",
    "record_answer",
    "record_decisions",
    "split",
    "submit",
    "withdraw",
]
