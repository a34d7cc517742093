"""The bus door: what cases tells the world about a step, in codes and ids."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases import domain
from services.cases.domain import Case, Step
from services.chassis import codec, outbox, telemetry
from services.chassis.bus.port import Topic
from services.chassis.principal import ANONYMOUS_SUBJECT
from services.chassis.story import CASES_TOPIC, CORRECTIONS_TOPIC

TOPIC = Topic(CASES_TOPIC)
CORRECTIONS = Topic(CORRECTIONS_TOPIC)
SOURCE = "/qyzmet/cases"
CORRECTIONS_SOURCE = "/qyzmet/cases/corrections"
CORRECTED = f"{codec.TYPE_PREFIX}correction.recorded{codec.TYPE_SUFFIX}"


@dataclass(frozen=True, slots=True)
class Outbox:
    """Makes the rows of the outbox that tell of a step."""

    pseudonym: Callable[[bytes], str]
    """Names a person, given as bytes, so that the name leads to nobody."""

    def __call__(self, case: Case, step: Step) -> Sequence[dict[str, Any]]:
        """Return the step's event, and the correction where the step holds one."""
        told = f"{codec.TYPE_PREFIX}case.{step.type}{codec.TYPE_SUFFIX}"
        rows = [_row(case, step, to_proto(case, step), topic=TOPIC, source=SOURCE, told=told)]
        if corrected := domain.correction(case, step, self._writer(case)):
            data = codec.to_proto(corrected, pb.Correction)
            source = CORRECTIONS_SOURCE
            row = _row(case, step, data, topic=CORRECTIONS, source=source, told=CORRECTED)
            rows.append(row)
        return rows

    def _writer(self, case: Case) -> str:
        if case.owner == ANONYMOUS_SUBJECT:
            return ""
        return self.pseudonym(f"{case.portal}\0{case.owner}".encode())


def _row(
    case: Case, step: Step, data: Message, *, topic: Topic, source: str, told: str
) -> dict[str, Any]:
    event = codec.Event(
        id=f"{case.id}:{step.case_version}",
        type=told,
        source=source,
        subject=case.id,
        time=step.event_time,
        traceparent=telemetry.current_traceparent(),
    )
    message = codec.to_message(topic.name, case.id, event, codec.encode(data))
    return outbox.row(event.id, message, event.type)


def to_proto(case: Case, step: Step) -> pb.CaseEvent:
    """Return what the event holds: the step, and the case as it is after it."""
    message = codec.to_proto(case, pb.CaseEvent)
    message.ClearField("decision")
    message.MergeFrom(codec.to_proto(step, pb.CaseEvent))
    message.case_id = case.id
    return message
