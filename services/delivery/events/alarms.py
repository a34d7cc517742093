"""The bus door of alarms: what operators should hear of, as events."""

from datetime import datetime
from typing import Any

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from services.chassis import codec, outbox
from services.delivery.domain.subscriptions import Subscription
from services.delivery.domain.webhooks import Disabled

TOPIC = "qyzmet.alarms.v1"
SOURCE = "/qyzmet/delivery"
DISABLED = "kz.qyzmet.subscription.disabled.v1"


def subscription_disabled(
    subscription: Subscription, why: Disabled, now: datetime
) -> dict[str, Any]:
    """Return the row of the outbox that tells of a disabled subscription."""
    told = pb.SubscriptionDisabled(
        office=subscription.office,
        name=subscription.name,
        reason_code=why,
        disable_time=codec.to_timestamp(now),
    )
    event = codec.Event(
        id=f"{subscription.id}:{int(now.timestamp() * 1_000_000)}",
        type=DISABLED,
        source=SOURCE,
        subject=f"{subscription.office}/{subscription.name}",
        time=now,
    )
    message = codec.to_message(TOPIC, subscription.office, event, codec.encode(told))
    return outbox.row(event.id, message, DISABLED)
