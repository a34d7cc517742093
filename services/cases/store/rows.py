"""Rows ⇄ domain: how a case and its steps are written down."""

from collections.abc import Callable
from typing import Any

import msgspec

from services.cases.domain import (
    Actor,
    Case,
    CaseMessage,
    Decision,
    Happening,
    Judgement,
    Rating,
    State,
    Step,
    Words,
)
from services.cases.store.judgement import Sealed
from services.chassis.sql import micros, time_of

_decision = msgspec.json.Decoder(Decision)
_judgement = msgspec.json.Decoder(Judgement)
_texts = msgspec.json.Decoder(tuple[str, ...])
encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


def case_row(case: Case) -> dict[str, Any]:
    """Return a case as its row."""
    return {
        "id": case.id,
        "number": case.number,
        "portal": case.portal,
        "owner": case.owner,
        "submit_time": micros(case.submit_time),
        "language": case.language,
        "parent_id": case.parent_id or None,
        "chosen_service_id": case.chosen_service_id or None,
        **changing(case),
    }


def changing(case: Case) -> dict[str, Any]:
    """Return the columns that a step may change."""
    return {
        "state": case.state.value,
        "version": case.version,
        "update_time": micros(case.update_time),
        "region": case.region,
        "service_id": case.service_id,
        "office": case.office,
        "channel": case.channel,
        "decision": encode(case.decision) if case.decision else None,
        "returned_by": encode(case.returned_by),
        "resume_state": case.resume_state and case.resume_state.value,
        "suggested_service_id": case.suggested_service_id or None,
        "suggested_office": case.suggested_office or None,
        "judgement": encode(case.judgement) if case.judgement else None,
        "due_time": micros(case.due_time) if case.due_time else None,
        "days_left": case.days_left,
        "stars": case.rating and case.rating.stars,
        "child_ids": encode(case.child_ids) if case.child_ids else None,
    }


def case_of(row: Any) -> Case:
    """Return the case a row tells of."""
    return Case(
        id=row.id,
        number=row.number,
        state=State(row.state),
        version=row.version,
        submit_time=time_of(row.submit_time),
        update_time=time_of(row.update_time),
        portal=row.portal,
        owner=row.owner,
        language=row.language,
        region=row.region,
        service_id=row.service_id,
        office=row.office,
        channel=row.channel,
        decision=_decision.decode(row.decision) if row.decision else None,
        returned_by=_texts.decode(row.returned_by),
        resume_state=State(row.resume_state) if row.resume_state else None,
        suggested_service_id=row.suggested_service_id or "",
        suggested_office=row.suggested_office or "",
        judgement=_judgement.decode(row.judgement) if row.judgement else None,
        parent_id=row.parent_id or "",
        chosen_service_id=row.chosen_service_id or "",
        due_time=time_of(row.due_time) if row.due_time is not None else None,
        days_left=row.days_left,
        rating=Rating(row.stars) if row.stars else None,
        child_ids=_texts.decode(row.child_ids) if row.child_ids else (),
    )


def step_row(case_id: str, step: Step, said: Sealed) -> dict[str, Any]:
    """Return a step as its row, with the fingerprints of what came with it."""
    return {
        "case_id": case_id,
        "case_version": step.case_version,
        "type": step.type.value,
        "event_time": micros(step.event_time),
        "state": step.state.value,
        "actor": step.actor.value,
        "office": step.office,
        "reason_code": step.reason_code,
        "request_id": step.request_id,
        "body_mac": said.mac,
        "terms_mac": said.terms_mac,
        "child_id": step.child_id or None,
    }


def message_of(row: Any, words: Words) -> CaseMessage:
    """Return what was said with the step a row tells of."""
    return CaseMessage(
        case_version=row.case_version,
        type=Happening(row.type),
        event_time=time_of(row.event_time),
        actor=Actor(row.actor),
        office=row.office,
        reason_code=row.reason_code,
        text=words.text,
    )


def step_of(row: Any) -> Step:
    """Return the step a row tells of."""
    return Step(
        case_version=row.case_version,
        type=Happening(row.type),
        event_time=time_of(row.event_time),
        state=State(row.state),
        actor=Actor(row.actor),
        office=row.office,
        reason_code=row.reason_code,
        request_id=row.request_id,
        child_id=row.child_id or "",
    )
