"""The bus door: what cases tells the world about a step, in codes and ids."""

from typing import Any

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.domain import Case, Step
from services.chassis import codec, outbox, telemetry
from services.chassis.bus.port import Topic
from services.chassis.story import CASES_TOPIC

TOPIC = Topic(CASES_TOPIC)
SOURCE = "/qyzmet/cases"


def to_outbox(case: Case, step: Step) -> dict[str, Any]:
    """Return the step's event as a row of the outbox."""
    event = codec.Event(
        id=f"{case.id}:{step.case_version}",
        type=f"{codec.TYPE_PREFIX}case.{step.type}{codec.TYPE_SUFFIX}",
        source=SOURCE,
        subject=case.id,
        time=step.event_time,
        traceparent=telemetry.current_traceparent(),
    )
    data = codec.encode(to_proto(case, step))
    return outbox.row(event.id, codec.to_message(TOPIC.name, case.id, event, data), event.type)


def to_proto(case: Case, step: Step) -> pb.CaseEvent:
    """Return what the event holds: the step, and the case as it is after it."""
    message = codec.to_proto(case, pb.CaseEvent)
    message.ClearField("decision")
    message.MergeFrom(codec.to_proto(step, pb.CaseEvent))
    message.case_id = case.id
    return message
