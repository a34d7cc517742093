"""The nouns of audit: decisions and their records, the tree they stand in, and the counters."""

from services.audit.domain.counting import (
    CaseEvent,
    Coverage,
    DecisionRecord,
    DecisionReusedError,
    NoRegisterError,
    Placement,
    Register,
    Row,
    Shift,
    Tally,
    placement_after,
    share,
    shift,
)
from services.audit.domain.decisions import (
    MAX_RECORD_BYTES,
    Decision,
    Explanation,
    canonical,
    decision_id,
    decode,
    encode,
)

__all__ = [
    "MAX_RECORD_BYTES",
    "CaseEvent",
    "Coverage",
    "Decision",
    "DecisionRecord",
    "DecisionReusedError",
    "Explanation",
    "NoRegisterError",
    "Placement",
    "Register",
    "Row",
    "Shift",
    "Tally",
    "canonical",
    "decision_id",
    "decode",
    "encode",
    "placement_after",
    "share",
    "shift",
]
