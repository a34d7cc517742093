"""The bus door of alarms: what operators should hear of, as events of one topic."""

from datetime import datetime
from typing import Any

from google.protobuf.message import Message

from qyzmet.delivery.v1 import delivery_pb2, subscriptions_pb2
from services.chassis import codec, outbox
from services.chassis.story import ALARMS_TOPIC
from services.delivery.domain.clocks import Alarm
from services.delivery.domain.subscriptions import Subscription
from services.delivery.domain.webhooks import Disabled

CLOCKS = "/qyzmet/delivery/clocks"
SUBSCRIPTIONS = "/qyzmet/delivery/subscriptions"
DISABLED = "subscription-disabled"


def type_of(name: str) -> str:
    """Return the type of an alarm's event, such as `kz.qyzmet.alarm.overdue.v1`."""
    return f"{codec.TYPE_PREFIX}alarm.{name}{codec.TYPE_SUFFIX}"


def clock_rang(alarm: Alarm) -> dict[str, Any]:
    """Return the row of the outbox that tells of a clock that rang."""
    event = codec.Event(
        id=f"{alarm.case_id}:{alarm.name}",
        type=type_of(alarm.ring),
        source=CLOCKS,
        subject=alarm.case_id,
        time=alarm.raise_time,
    )
    return _row(alarm.case_id, event, codec.to_proto(alarm, delivery_pb2.Alarm))


def subscription_disabled(
    subscription: Subscription, why: Disabled, now: datetime
) -> dict[str, Any]:
    """Return the row of the outbox that tells of a disabled subscription."""
    event = codec.Event(
        id=f"{subscription.id}:{int(now.timestamp() * 1_000_000)}",
        type=type_of(DISABLED),
        source=SUBSCRIPTIONS,
        subject=f"{subscription.office}/{subscription.name}",
        time=now,
    )
    told = subscriptions_pb2.SubscriptionDisabled(
        office=subscription.office,
        name=subscription.name,
        reason_code=why,
        disable_time=codec.to_timestamp(now),
    )
    return _row(subscription.office, event, told)


def _row(key: str, event: codec.Event, told: Message) -> dict[str, Any]:
    message = codec.to_message(ALARMS_TOPIC, key, event, codec.encode(told))
    return outbox.row(event.id, message, event.type)
