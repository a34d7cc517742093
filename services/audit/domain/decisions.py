"""The decision as audit reads it, and the record that is sealed of it.

A record is canonical JSON (RFC 8785) of texts and whole numbers only: whoever reads JSON in any
language and any year gets the same bytes again. It holds ids, codes, places and numbers; never
a word of the citizen.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

RECORD_VERSION = 1
MAX_RECORD_BYTES = 1024
TRILLION = 10**12
"""Probabilities and thresholds are told in so many parts: exact beyond what a replay may differ."""
MILLION = 10**6
"""Weights of words are told in so many parts."""

Word = tuple[int, int, float]
"""Where a word begins and ends in the text, and how much it spoke for the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Which words spoke the loudest, for a service against another."""

    service_id: str
    against: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision as it was told; `told` is all of it, as it came."""

    id: str
    outcome: str
    actor: str
    service_id: str
    office: str
    channel: str
    model: str
    catalogue_version: str
    policy_version: str
    reason_code: str
    decide_time: datetime
    told: bytes
    language: str = ""
    ranking: tuple[tuple[str, float], ...] = ()
    route_threshold: float = 0.0
    confirm_threshold: float = 0.0
    explanation: Explanation | None = None
    commitment: str = ""
    overrides: str = ""
    subject: str = ""
    text_length: int = 0
    """Characters of the masked text; 0 where it was not told."""
    unknown_share: float = 0.0
    """The share of its words that the model had never seen."""


def encode(case_id: str, case_version: int, decision: Decision) -> bytes:
    """Return the record of a decision, which has a bound.

    Where it would be too long the quietest words go first, then why at all, then the least probable
    services, of which the record says how many were left out.
    """
    fields, words = _fields(case_id, case_version, decision), _words(decision)
    for kept in range(len(words), -1, -1):
        record = canonical(_with_words(fields, decision, words[:kept]))
        if len(record) <= MAX_RECORD_BYTES:
            return record
    ranking = fields.get("ranking", [])
    for kept in range(len(ranking), -1, -1):
        record = canonical(_with_services(fields, ranking, kept))
        if len(record) <= MAX_RECORD_BYTES:
            break
    return record


def canonical(fields: dict[str, Any]) -> bytes:
    """Return JSON after RFC 8785: true of texts and whole numbers, under names in ASCII."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def decode(record: bytes) -> dict[str, Any]:
    """Return what a record tells; raises ValueError where it is none."""
    fields = json.loads(record)
    if not isinstance(fields, dict) or fields.get("record") != RECORD_VERSION:
        raise ValueError("a record of a version this release does not know")
    return fields


def decision_id(fields: dict[str, Any]) -> str:
    """Return the id of a record's decision; it is left out where it says nothing new."""
    return str(fields.get("decision") or f"{fields['case']}:{fields['case_version']}")


def _fields(case_id: str, case_version: int, decision: Decision) -> dict[str, Any]:
    own = f"{case_id}:{case_version}"
    told = {
        "actor": decision.actor,
        "case": case_id,
        "case_version": case_version,
        "catalogue": decision.catalogue_version,
        "channel": decision.channel,
        "commitment": decision.commitment,
        "decision": decision.id if decision.id != own else "",
        "language": decision.language,
        "model": decision.model,
        "office": decision.office,
        "outcome": decision.outcome,
        "overrides": decision.overrides,
        "policy": decision.policy_version,
        "ranking": [[service, parts(value, TRILLION)] for service, value in decision.ranking],
        "reason": decision.reason_code,
        "record": RECORD_VERSION,
        "service": decision.service_id,
        "subject": decision.subject,
        "thresholds": _thresholds(decision),
        "time": decision.decide_time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    return {name: value for name, value in told.items() if value not in ("", [])}


def _with_services(fields: dict[str, Any], ranking: list[Any], kept: int) -> dict[str, Any]:
    left_out = len(ranking) - kept
    return fields if not left_out else {**fields, "ranking": ranking[:kept], "left_out": left_out}


def parts(value: float, whole: int) -> int:
    """Return a number as so many parts of a whole."""
    return round(value * whole)


def _thresholds(decision: Decision) -> list[int]:
    found = [decision.route_threshold, decision.confirm_threshold]
    return [parts(value, TRILLION) for value in found] if any(found) else []


def _words(decision: Decision) -> list[list[int]]:
    if decision.explanation is None:
        return []
    return [
        [start, end, parts(weight, MILLION)] for start, end, weight in decision.explanation.words
    ]


def _with_words(
    fields: dict[str, Any], decision: Decision, words: list[list[int]]
) -> dict[str, Any]:
    """Add why; the two services are left out where they are the first two of the ranking."""
    if decision.explanation is None:
        return fields
    told: dict[str, Any] = {"words": words}
    pair = [decision.explanation.service_id, decision.explanation.against]
    if pair != [service for service, _ in decision.ranking[:2]]:
        told["services"] = pair
    return {**fields, "explanation": told}
