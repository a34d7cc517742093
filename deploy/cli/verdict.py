"""What the policy made of a model's word, made again and held to the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.audit.domain.decisions import TRILLION, parts
from services.cases.domain import Happening, Step
from services.routing.domain import (
    Catalogue,
    Classification,
    Decision,
    Facts,
    Policy,
    Reason,
    decide,
)

NOWHERE: Mapping[str, str] = {Reason.REGION_REQUIRED: "", Reason.UNKNOWN_REGION: "?"}
"""The region of a case that went by none, by why; it may have learnt its region since."""


@dataclass
class Held:
    """What differs, and what could not be compared and why."""

    differences: list[str] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)


def held(
    record: Mapping[str, Any],
    seen: Classification,
    catalogue: Catalogue,
    policy: Policy,
    before: Sequence[Step],
    known: Facts,
) -> Held:
    """Compare thresholds, outcome, reason, service and office with what the policy makes of it.

    `before` is what had happened to the case by then, `known` what is known of it now. What a
    suggestion or a return of an office had a part in is not made again: their particulars are not
    kept as of that moment.
    """
    if policy.version != record.get("policy"):
        told = f"the policy {record.get('policy', '')} is not kept here"
        return Held(not_compared=[f"what the policy made of it: {told}"])
    found = Held(differences=list(_thresholds(record, seen, policy)))
    if [step.type for step in before] != [Happening.SUBMITTED]:
        found.not_compared.append("the outcome: more had happened to the case than its submission")
        return found
    region = _region(record, catalogue, known.region)
    facts = replace(known, undecided_id=str(record["case"]), region=region)
    found.differences += _outcome(record, decide(seen, facts, catalogue, policy))
    return found


def _thresholds(record: Mapping[str, Any], seen: Classification, policy: Policy) -> Sequence[str]:
    now = policy.thresholds_for(seen)
    told = [parts(value, TRILLION) for value in (now.route, now.confirm)]
    was = record.get("thresholds", [0, 0])
    return [] if was == told else [f"the thresholds: {was}, now {told}"]


def _region(record: Mapping[str, Any], catalogue: Catalogue, region: str) -> str:
    """Return where the citizen lived as far as the decision knew."""
    told = catalogue.region_of(str(record.get("office", ""))) or region
    return NOWHERE.get(str(record.get("reason")), told)


def _outcome(record: Mapping[str, Any], made: Decision) -> Sequence[str]:
    now = {
        "outcome": made.outcome.value,
        "reason": str(made.reason_code),
        "service": made.service_id,
        "office": made.office,
    }
    return [
        f"the {name}: {record.get(name, '')}, now {told}"
        for name, told in now.items()
        if record.get(name, "") != told
    ]
