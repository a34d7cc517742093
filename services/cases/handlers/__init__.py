"""What cases does: one function per call that reaches it."""

from services.cases.handlers.clocks import Late, record_overdue
from services.cases.handlers.parts import split
from services.cases.handlers.readings import list_readings, read_text
from services.cases.handlers.record import (
    Masked,
    Wanted,
    get,
    list_cases,
    masked_texts,
    record_answer,
    record_decisions,
    submit,
)
from services.cases.handlers.wishes import Wish, object_to, provide, rate, reopen, withdraw

__all__ = [
    "Late",
    "Masked",
    "Wanted",
    "Wish",
    "get",
    "list_cases",
    "list_readings",
    "masked_texts",
    "object_to",
    "provide",
    "rate",
    "read_text",
    "record_answer",
    "record_decisions",
    "record_overdue",
    "reopen",
    "split",
    "submit",
    "withdraw",
]
