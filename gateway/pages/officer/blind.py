"""Judging blind: a case of the random sample is sorted without a look at what the AI thinks.

Who sees the AI's choice first tends to agree with it, and then the sample would measure that.
"""

from collections.abc import Sequence

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.story import SAMPLED


def is_blind(case: pb.Case) -> bool:
    """Tell whether a case of the sample waits for its person."""
    return case.state == pb.STATE_TRIAGED and case.decision.reason_code == SAMPLED


def was_blind(case: pb.Case) -> bool:
    """Tell whether a person chose on a case of the sample, and may see now what the AI thought."""
    by_person = case.decision.actor == pb.ACTOR_KIND_TRIAGE_OFFICER
    return by_person and any(one.reason_code == SAMPLED for one in case.timeline)


def impartial(case: pb.Case, said: Sequence[pb.CaseMessage]) -> Sequence[pb.CaseMessage]:
    """Leave out what a citizen chose when they sent it: mostly from what the AI offered them."""
    return [one for one in said if one.type != "submitted"] if is_blind(case) else said
