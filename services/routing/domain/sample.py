"""The random sample: confident decisions that a person makes instead, so that accuracy is known.

The rule: HMAC-SHA256 of the case's id under the policy's version, its first eight bytes read as a
part of one (big endian); what is under the policy's `sample-share` is drawn. Whoever repeats it
draws the same, from nothing but what the record of the decision holds. Nobody can steer it: ids
are given at random when a case comes in, after the policy; neither its words, nor its citizen,
nor the model has a part in it.
"""

import hmac
from dataclasses import replace

from services.chassis.story import Outcome
from services.routing.domain.policy import Policy
from services.routing.domain.values import Classification, Decision, Facts, Reason

BYTES = 8
WHOLE: int = 256**BYTES


def draw(case_id: str, policy_version: str) -> float:
    """Return the number of a case under a policy, from 0 up to 1."""
    told = hmac.digest(policy_version.encode(), case_id.encode(), "sha256")
    return int.from_bytes(told[:BYTES], "big") / WHOLE


def is_drawn(case_id: str, policy: Policy) -> bool:
    """Tell whether a person decides on a case that would be routed by itself; never on none."""
    return case_id != "" and draw(case_id, policy.version) < policy.sample_share


def sampled(decision: Decision, seen: Classification, facts: Facts, policy: Policy) -> Decision:
    """Return a model's decision, handed to a person where its case is drawn.

    Only what would be routed is, at the first decision, and nobody in danger waits for it.
    """
    is_open = decision.outcome is Outcome.ROUTE and seen.emergency is None
    if not (is_open and is_drawn(facts.undecided_id, policy)):
        return decision
    return replace(
        decision, outcome=Outcome.TRIAGE, reason_code=Reason.SAMPLED, office="", term_days=0
    )
