"""What analysts are told of a case: where it stands, what a model first said, how long it took.

A case counts once in every answer, on the day it was submitted in Kazakhstan. What a model said is
its first decision on the case, so that cases are independent of each other and intervals hold; it
is judged once, by the first person or office that bore it out or set it right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.audit.domain.counting import ONLINE, CaseEvent, Tally, placement_after
from services.audit.domain.decisions import Decision
from services.chassis.story import SAMPLED, Actor, Outcome, State
from services.chassis.workdays import day_at

PEOPLE = frozenset({Actor.CITIZEN, Actor.TRIAGE_OFFICER, Actor.OFFICER})
MISROUTED = frozenset({"NOT_COMPETENT", "WRONG_REGION"})
"""Why offices return what should not have come to them; other returns are no fault of routing."""
CHOICES = frozenset({Outcome.ROUTE, Outcome.OUT_OF_SCOPE})
"""What a person says of where a case belongs; who asks for a person says nothing of it."""
ANSWERS = frozenset({State.ACCEPTED, State.INFORMATION_REQUESTED, State.COMPLETED})
"""States an office brings a case to by its first word to the citizen."""
UNKNOWN = -1
"""The value of a time or a number that is not known, or not yet."""


class Verdict(StrEnum):
    """What was made of a model's first decision."""

    NONE = ""
    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is known of a case; times are whole seconds since it was submitted."""

    day: str
    language: str = ""
    region: str = ""
    service_id: str = ""
    """Where it stands or was finished; empty while it is nowhere."""
    office: str = ""
    channel: str = ""
    model: str = ""
    guess: str = ""
    """The service the model thought best."""
    outcome: str = ""
    score: float = 0.0
    """The probability of that service."""
    verdict: str = ""
    judge: str = ""
    """Who bore it out or set it right: a citizen, a triage officer, or an officer."""
    answer_seconds: int = UNKNOWN
    complete_seconds: int = UNKNOWN
    due_seconds: int = UNKNOWN
    """When what is due now is due; of a case that is done, when it was."""
    is_overdue: bool = False
    is_objected: bool = False
    is_reopened: bool = False
    stars: int = 0
    text_length: int = UNKNOWN
    unknown_share: float = 0.0
    is_sampled: bool = False
    """Whether it was drawn for the random sample, and a triage officer judges it blind."""

    @property
    def tally(self) -> Tally:
        """Return what the case adds to the demand; nothing while it stands nowhere."""
        return Tally(1, int(self.channel == ONLINE)) if self.service_id else Tally()

    @property
    def is_late(self) -> bool:
        """Tell whether something was not done when it was due."""
        return self.is_overdue or 0 <= self.due_seconds < self.complete_seconds


def day_of(moment: datetime) -> str:
    """Return the day of a moment in Kazakhstan, as `2026-01-18`."""
    return day_at(moment).isoformat()


def facts_after(before: CaseFacts | None, event: CaseEvent) -> CaseFacts | None:
    """Return what is known of a case after an event; nothing once it is erased."""
    if event.is_erased or (before is None and not event.is_first):
        return None
    known = before or CaseFacts(day=day_of(event.submit_time))
    told = _placed(known, event) | _judged(known, event) | _timed(known, event)
    return replace(known, **told, **_heard(event))


def _placed(known: CaseFacts, event: CaseEvent) -> dict[str, Any]:
    """Where the citizen named no language, it is the one the model saw in the text."""
    stands = placement_after(event)
    seen = event.decision.language if event.decision else ""
    return {
        "language": event.language or seen or known.language,
        "region": event.region,
        "service_id": stands.service_id if stands else "",
        "office": stands.office if stands else "",
        "channel": stands.channel if stands else "",
    }


def _judged(known: CaseFacts, event: CaseEvent) -> dict[str, Any]:
    decision = event.decision
    if not known.model:
        is_first = decision is not None and decision.actor == Actor.MODEL and decision.model
        return _first(decision) if decision and is_first else {}
    if known.verdict:
        return {}
    if decision and decision.actor in PEOPLE and decision.outcome in CHOICES:
        return _verdict(_agrees(known, decision), decision.actor)
    if known.outcome == Outcome.ROUTE and event.state == State.RETURNED:
        return _verdict(False, Actor.OFFICER) if event.reason_code in MISROUTED else {}
    if known.outcome == Outcome.ROUTE and event.state == State.COMPLETED:
        return _verdict(event.service_id == known.guess, Actor.OFFICER)
    return {}


def _agrees(known: CaseFacts, decision: Decision) -> bool:
    if Outcome.OUT_OF_SCOPE in (known.outcome, decision.outcome):
        return known.outcome == decision.outcome
    return known.guess == decision.service_id


def _verdict(is_right: bool, judge: str) -> dict[str, Any]:
    return {"verdict": Verdict.RIGHT if is_right else Verdict.WRONG, "judge": str(judge)}


def _first(decision: Decision) -> dict[str, Any]:
    scores = dict(decision.ranking)
    return {
        "model": decision.model,
        "guess": decision.service_id,
        "outcome": decision.outcome,
        "score": scores.get(decision.service_id, 0.0),
        "text_length": decision.text_length or UNKNOWN,
        "unknown_share": decision.unknown_share,
        "is_sampled": decision.reason_code == SAMPLED,
    }


def _timed(known: CaseFacts, event: CaseEvent) -> dict[str, Any]:
    told: dict[str, Any] = {}
    passed = _seconds(event, event.event_time)
    is_done = event.state == State.COMPLETED
    if event.state in ANSWERS and known.answer_seconds == UNKNOWN:
        told["answer_seconds"] = passed
    if not is_done:
        # A case that is opened again was not done; its time goes on.
        told |= {"complete_seconds": UNKNOWN, "due_seconds": _seconds(event, event.due_time)}
    elif known.complete_seconds == UNKNOWN:
        told["complete_seconds"] = passed
    return told


def _seconds(event: CaseEvent, moment: datetime | None) -> int:
    if moment is None:
        return UNKNOWN
    return max(0, int((moment - event.submit_time).total_seconds()))


def _heard(event: CaseEvent) -> dict[str, Any]:
    name = event.type.removeprefix("kz.qyzmet.case.").removesuffix(".v1")
    flags = {"overdue": "is_overdue", "objected": "is_objected", "reopened": "is_reopened"}
    told: dict[str, Any] = {flags[name]: True} if name in flags else {}
    return told | ({"stars": event.stars} if event.stars else {})


def follow(
    events: Iterable[CaseEvent], before: Mapping[str, CaseFacts]
) -> Mapping[str, CaseFacts | None]:
    """Return what is known of the cases of a batch after it, where that is something new."""
    after: dict[str, CaseFacts | None] = {}
    for event in events:
        if event.is_known:
            known = after.get(event.case_id, before.get(event.case_id))
            after[event.case_id] = facts_after(known, event)
    return {case_id: facts for case_id, facts in after.items() if facts != before.get(case_id)}
