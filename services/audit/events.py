"""The bus door: records of the cases topic in, domain inside, checkpoints out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from qyzmet.audit.v1 import audit_pb2
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from services.audit import handlers
from services.audit.domain import CaseEvent, Decision, Explanation
from services.audit.domain.drift import DriftAlarm
from services.audit.domain.proofs import Signed
from services.audit.domain.reconciling import GapAlarm
from services.audit.domain.topics import TopicAlarm
from services.audit.ports import Analyst, Follower, Ledger
from services.chassis import alarms, codec, outbox
from services.chassis.bus.port import Record, Topic
from services.chassis.story import CASES_TOPIC, GapError

GROUP = "audit"
ANALYST_GROUP = "audit-analyst"
"""Reads the same topic for what analysts are told; the log of decisions waits for none of it."""
TOPIC = Topic(CASES_TOPIC)
CHECKPOINTS = Topic("qyzmet.checkpoints.v1", partitions=1)
"""Every checkpoint for ever, in order: who keeps a copy can tell a log that was rewritten."""
CHECKPOINT_SIGNED = f"{codec.TYPE_PREFIX}checkpoint.signed{codec.TYPE_SUFFIX}"
SOURCE = "/qyzmet/audit"

STATE = pb.DESCRIPTOR.enum_types_by_name["State"]
OUTCOME = pb.DESCRIPTOR.enum_types_by_name["Outcome"]
ACTOR = pb.DESCRIPTOR.enum_types_by_name["ActorKind"]
LANGUAGE = catalog_pb2.DESCRIPTOR.enum_types_by_name["Language"]
CHANNEL = catalog_pb2.DESCRIPTOR.enum_types_by_name["Channel"]


def to_outbox(signed: Signed) -> dict[str, Any]:
    """Return a checkpoint's event as a row of the outbox."""
    event = codec.Event(
        id=f"{signed.origin}:{signed.size}",
        type=CHECKPOINT_SIGNED,
        source=SOURCE,
        subject=signed.origin,
        time=signed.sign_time,
    )
    data = codec.encode(codec.to_proto(signed, audit_pb2.Checkpoint))
    message = codec.to_message(CHECKPOINTS.name, signed.origin, event, data)
    return outbox.row(event.id, message, event.type)


def alarm_to_outbox(alarm: DriftAlarm, now: datetime) -> dict[str, Any]:
    """Return an alarm as a row of the outbox."""
    measure = alarm.row.measure
    return alarms.row(
        "drift",
        codec.to_proto(alarm, audit_pb2.DriftAlarm),
        id_=alarm.id,
        source=f"{SOURCE}/drift",
        subject=measure,
        key=measure,
        time=now,
    )


def gaps_to_outbox(alarm: GapAlarm, now: datetime) -> dict[str, Any]:
    """Return gaps between cases and the log as a row of the outbox."""
    first = alarm.gaps[0].name
    return alarms.row(
        "gap",
        codec.to_proto(alarm, audit_pb2.GapAlarm),
        id_=f"gap:{first}:{int(now.timestamp() * 1_000_000)}",
        source=f"{SOURCE}/reconciliation",
        subject=first,
        key="log",
        time=now,
    )


def topic_to_outbox(alarm: TopicAlarm, now: datetime) -> dict[str, Any]:
    """Return a new topic as a row of the outbox."""
    return alarms.row(
        "topic",
        codec.to_proto(alarm, audit_pb2.TopicAlarm),
        id_=alarm.id,
        source=f"{SOURCE}/topics",
        subject=alarm.end_date,
        key="topics",
        time=now,
    )


def handle(records: Sequence[Record], *, ledger: Ledger) -> None:
    """Record a batch; all of it takes effect, or none."""
    handlers.record([from_record(record) for record in records], ledger=ledger)


def follow(records: Sequence[Record], *, analyst: Analyst) -> None:
    """Keep up what analysts are told with a batch; all of it takes effect, or none."""
    handlers.follow([from_record(record) for record in records], analyst=analyst)


def rebuild(history: Iterable[Record], batch_size: int, *, analyst: Follower) -> tuple[int, int]:
    """Follow the whole topic; return how many events were followed, and how many were not.

    As in the consumer, what cannot be read holds back what comes behind it in its case.
    """
    followed, held = 0, Counter[str]()
    for batch in _batches(history, batch_size):
        events = []
        for record in batch:
            event = None if record.key in held else _readable(record)
            if event is None:
                held[record.key] += 1
            else:
                events.append(event)
        followed += _follow_singly(events, held, analyst)
    return followed, held.total()


def _follow_singly(events: Sequence[CaseEvent], held: Counter[str], analyst: Follower) -> int:
    """Follow a batch; where an event is missing, case by case."""
    try:
        handlers.follow(events, analyst=analyst)
    except GapError:
        cases: dict[str, list[CaseEvent]] = {}
        for event in events:
            cases.setdefault(event.case_id, []).append(event)
        if len(cases) > 1:
            return sum(_follow_singly(one, held, analyst) for one in cases.values())
        held[events[0].case_id] += len(events)
        return 0
    return len(events)


def _readable(record: Record) -> CaseEvent | None:
    try:
        return from_record(record)
    except codec.MalformedEventError:
        return None


def _batches(records: Iterable[Record], size: int) -> Iterator[Sequence[Record]]:
    told = iter(records)
    while batch := list(islice(told, size)):
        yield batch


def from_record(record: Record) -> CaseEvent:
    """Return the event a record holds; raises MalformedEventError."""
    event, data = codec.from_record(record)
    message = codec.decode(data, pb.CaseEvent)
    if message.case_id != record.key or message.case_version < 1:
        raise codec.MalformedEventError("an event names its key as its case, and a version")
    return CaseEvent(
        type=event.type,
        case_id=message.case_id,
        case_version=message.case_version,
        state=codec.kebab(STATE, message.state) or "",
        service_id=message.service_id,
        office=message.office,
        channel=codec.kebab(CHANNEL, message.channel) or "",
        submit_time=codec.time_in(message, "submit_time") or event.time,
        language=codec.kebab(LANGUAGE, message.language) or "",
        region=message.region,
        decision=_decision(message.decision) if message.HasField("decision") else None,
        event_time=codec.time_in(message, "event_time") or event.time,
        due_time=codec.time_in(message, "due_time"),
        reason_code=message.reason_code,
        stars=message.rating.stars,
    )


def _decision(message: pb.Decision) -> Decision:
    if not message.id:
        raise codec.MalformedEventError("a decision has an id")
    return Decision(
        id=message.id,
        outcome=codec.kebab(OUTCOME, message.outcome) or "",
        actor=codec.kebab(ACTOR, message.actor) or "",
        service_id=message.service_id,
        office=message.office,
        channel=codec.kebab(CHANNEL, message.channel) or "",
        model=message.model,
        catalogue_version=message.catalogue_version,
        policy_version=message.policy_version,
        reason_code=message.reason_code,
        decide_time=codec.from_timestamp(message.decide_time),
        told=codec.encode(message),
        language=codec.kebab(LANGUAGE, message.language) or "",
        ranking=tuple((one.service_id, one.probability) for one in message.alternatives),
        route_threshold=message.route_threshold,
        confirm_threshold=message.confirm_threshold,
        explanation=_explanation(message),
        commitment=message.commitment,
        overrides=message.overrides,
        subject=message.subject,
        text_length=message.text_length,
        unknown_share=message.unknown_share,
    )


def _explanation(message: pb.Decision) -> Explanation | None:
    if not message.HasField("explanation"):
        return None
    told = message.explanation
    return Explanation(
        service_id=told.service_id,
        against=told.against,
        words=tuple((word.start, word.end, word.weight) for word in told.words),
    )
