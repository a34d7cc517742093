"""What cases does: one function per call that reaches it."""

from services.cases.handlers.clocks import Late, record_overdue
from services.cases.handlers.decisions import (
    Masked,
    Wanted,
    decided,
    masked_texts,
    record_decisions,
)
from services.cases.handlers.erasure import erase
from services.cases.handlers.openings import open_case
from services.cases.handlers.parts import split
from services.cases.handlers.readings import list_readings, read_text, recent_readings
from services.cases.handlers.record import get, list_cases, record_answer, submit
from services.cases.handlers.topics import triaged_topics
from services.cases.handlers.wishes import Wish, object_to, provide, rate, reopen, withdraw

__all__ = [
    "Late",
    "Masked",
    "Wanted",
    "Wish",
    "decided",
    "erase",
    "get",
    "list_cases",
    "list_readings",
    "masked_texts",
    "object_to",
    "open_case",
    "provide",
    "rate",
    "read_text",
    "recent_readings",
    "record_answer",
    "record_decisions",
    "record_overdue",
    "reopen",
    "split",
    "submit",
    "triaged_topics",
    "withdraw",
]
