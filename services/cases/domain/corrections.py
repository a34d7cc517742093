"""What people say of where a case belongs, as labels that a model may learn from."""

from dataclasses import dataclass
from datetime import datetime

from services.cases.domain.values import Case, Decision, Happening, Judgement, Step
from services.chassis.story import Actor

PEOPLE = frozenset({Actor.CITIZEN, Actor.TRIAGE_OFFICER, Actor.OFFICER})
NONE = Judgement(decision_id="", model="", service_id="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A person's word on where a case belongs; fields as in cases.proto."""

    case_id: str
    decision_id: str
    model: str
    suggested_service: str
    chosen_service: str
    actor: Actor
    reason_code: str
    time: datetime
    writer: str


def correction(case: Case, step: Step, writer: str) -> Correction | None:
    """Return what a step says of where its case belongs, given the case after it; mostly nothing.

    A return speaks of the decision that brought the case there, a choice of what a
    model said last.
    """
    if step.type is Happening.RETURNED:
        return _correction(case, step, _brought_by(case), "", writer)
    decision = step.decision
    if decision is None or decision.actor not in PEOPLE:
        return None
    if step.type is Happening.COMPLETED:
        return _correction(case, step, case.judgement or NONE, "", writer)
    if step.type is Happening.ROUTED or _is_stopped_choice(step, decision):
        return _correction(case, step, case.judgement or NONE, decision.service_id, writer)
    return None


def _is_stopped_choice(step: Step, decision: Decision) -> bool:
    """Tell whether a citizen chose a service, and the policy has a person look at it first."""
    is_citizens = step.type is Happening.TRIAGED and decision.actor is Actor.CITIZEN
    return is_citizens and decision.service_id != ""


def _brought_by(case: Case) -> Judgement:
    """Return the decision that brought a case to the office that returns it."""
    decision = case.decision
    if decision is None:
        return NONE
    model = decision.model if decision.actor is Actor.MODEL else ""
    return Judgement(decision_id=decision.id, model=model, service_id=decision.service_id)


def _correction(
    case: Case, step: Step, of: Judgement, chosen_service: str, writer: str
) -> Correction:
    return Correction(
        case_id=case.id,
        decision_id=of.decision_id,
        model=of.model,
        suggested_service=of.service_id,
        chosen_service=chosen_service,
        actor=step.actor,
        reason_code=step.reason_code,
        time=step.event_time,
        writer=writer,
    )
