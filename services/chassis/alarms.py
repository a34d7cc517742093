"""Alarms: what operators should hear of, as events of one topic that several services write."""

from datetime import datetime, timedelta
from typing import Any

from google.protobuf.message import Message

from services.chassis import codec, outbox
from services.chassis.bus.port import Topic
from services.chassis.story import ALARMS_TOPIC

TOPIC = Topic(ALARMS_TOPIC, partitions=1, retention=timedelta(days=30))


def row(
    name: str, told: Message, *, id_: str, source: str, subject: str, key: str, time: datetime
) -> dict[str, Any]:
    """Return an alarm as a row of the outbox; its type is such as `kz.qyzmet.alarm.overdue.v1`."""
    event = codec.Event(
        id=id_,
        type=f"{codec.TYPE_PREFIX}alarm.{name}{codec.TYPE_SUFFIX}",
        source=source,
        subject=subject,
        time=time,
    )
    message = codec.to_message(TOPIC.name, key, event, codec.encode(told))
    return outbox.row(event.id, message, event.type)
