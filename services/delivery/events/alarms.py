"""The bus door of alarms: what operators should hear of from delivery."""

from datetime import datetime
from typing import Any

from qyzmet.delivery.v1 import delivery_pb2, subscriptions_pb2
from services.chassis import alarms, codec
from services.delivery.domain.clocks import Alarm
from services.delivery.domain.subscriptions import Subscription
from services.delivery.domain.webhooks import Disabled

CLOCKS = "/qyzmet/delivery/clocks"
SUBSCRIPTIONS = "/qyzmet/delivery/subscriptions"
DISABLED = "subscription-disabled"


def clock_rang(alarm: Alarm) -> dict[str, Any]:
    """Return the row of the outbox that tells of a clock that rang."""
    return alarms.row(
        alarm.ring,
        codec.to_proto(alarm, delivery_pb2.Alarm),
        id_=f"{alarm.case_id}:{alarm.name}",
        source=CLOCKS,
        subject=alarm.case_id,
        key=alarm.case_id,
        time=alarm.raise_time,
    )


def subscription_disabled(
    subscription: Subscription, why: Disabled, now: datetime
) -> dict[str, Any]:
    """Return the row of the outbox that tells of a disabled subscription."""
    told = subscriptions_pb2.SubscriptionDisabled(
        office=subscription.office,
        name=subscription.name,
        reason_code=why,
        disable_time=codec.to_timestamp(now),
    )
    return alarms.row(
        DISABLED,
        told,
        id_=f"{subscription.id}:{int(now.timestamp() * 1_000_000)}",
        source=SUBSCRIPTIONS,
        subject=f"{subscription.office}/{subscription.name}",
        key=subscription.office,
        time=now,
    )
