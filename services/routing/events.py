"""The bus door: cases that wait for a decision come in as events."""

from collections.abc import Callable, Sequence

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis import codec, telemetry
from services.chassis.bus.port import Record, Topic
from services.chassis.story import ASKED_FOR_PERSON, CASES_TOPIC
from services.routing.handlers import Asked

TOPIC = Topic(CASES_TOPIC)
GROUP = "routing"
AWAITED = frozenset({"case.submitted", "case.returned"})
"""After these a case waits for a decision; all others tell of what is decided."""


class CaseEvents:
    """Takes batches of records from the bus to a handler of waiting cases."""

    def __init__(self, route: Callable[[Sequence[Asked]], None]) -> None:
        self._route = route

    def __call__(self, records: Sequence[Record]) -> None:
        """Handle a batch; raises MalformedEventError for a record that is not an event."""
        events = [codec.from_record(record) for record in records]
        awaited = [(event, data) for event, data in events if event.name in AWAITED]
        if not awaited:
            return
        asked = [from_proto(codec.decode(data, pb.CaseEvent)) for _, data in awaited]
        # One call serves the whole batch; it belongs to a citizen's trace only if it is alone.
        parent = awaited[0][0].traceparent if len(awaited) == 1 else None
        with telemetry.trace(parent):
            self._route(asked)


def from_proto(message: pb.CaseEvent) -> Asked:
    """Return what an event asks for."""
    if not (message.case_id and message.case_version and message.HasField("event_time")):
        raise codec.MalformedEventError("an event names its case, its version and its time")
    return Asked(
        message.case_id,
        message.case_version,
        codec.from_timestamp(message.event_time),
        wants_person=message.reason_code == ASKED_FOR_PERSON,
    )
