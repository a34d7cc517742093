"""The nouns of cases, how a case moves, and the rules of both."""

from services.cases.domain.citizens import object_to, provide, rate, reopen, withdraw
from services.cases.domain.corrections import Correction, correction
from services.cases.domain.moves import (
    MOVES,
    Moved,
    NotPossibleNowError,
    UnknownCaseError,
    decide,
    first_answer,
    may_answer,
    may_see,
    submit,
)
from services.cases.domain.number import is_receipt_number, receipt_number
from services.cases.domain.offices import answer
from services.cases.domain.parts import begin_part, split
from services.cases.domain.terms import with_term
from services.cases.domain.values import (
    MAX_TEXT_CHARACTERS,
    Alternative,
    Answer,
    Case,
    CaseMessage,
    Decision,
    Happening,
    Judgement,
    LocalizedText,
    Rating,
    Step,
    Suggestion,
    TextLengthError,
    Words,
    check_region,
    check_request_id,
    name_request,
)
from services.chassis.story import Actor, Outcome, State

__all__ = [
    "MAX_TEXT_CHARACTERS",
    "MOVES",
    "Actor",
    "Alternative",
    "Answer",
    "Case",
    "CaseMessage",
    "Correction",
    "Decision",
    "Happening",
    "Judgement",
    "LocalizedText",
    "Moved",
    "NotPossibleNowError",
    "Outcome",
    "Rating",
    "State",
    "Step",
    "Suggestion",
    "TextLengthError",
    "UnknownCaseError",
    "Words",
    "answer",
    "begin_part",
    "check_region",
    "check_request_id",
    "correction",
    "decide",
    "first_answer",
    "is_receipt_number",
    "may_answer",
    "may_see",
    "name_request",
    "object_to",
    "provide",
    "rate",
    "receipt_number",
    "reopen",
    "split",
    "submit",
    "with_term",
    "withdraw",
]
