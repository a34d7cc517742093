"""Subscriptions and deliveries, for tests."""

from datetime import datetime, timedelta
from typing import Any

import prometheus_client

from services.delivery.domain import FeedEntry
from services.delivery.domain.subscriptions import Filter, Kind, State, Subscription
from services.delivery.domain.webhooks import Delivery, Secrets
from tests.unit.delivery.stories import NOON

SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
MINUTE = timedelta(minutes=1)


def subscription(**changed: Any) -> Subscription:
    """Return an active webhook of MIA."""
    values: dict[str, Any] = {
        "id": "s1",
        "office": "MIA",
        "name": "desk",
        "kind": Kind.WEBHOOK,
        "state": State.ACTIVE,
        "filter": Filter(),
        "url": "https://office.kz/events",
        "position": 0,
        "create_time": NOON,
        "update_time": NOON,
    }
    return Subscription(**values | changed)


def entry(
    sequence: int = 1, case_id: str = "c1", office: str = "MIA", time: datetime = NOON
) -> FeedEntry:
    """Return an entry of a feed."""
    return FeedEntry(
        office=office,
        sequence=sequence,
        event_id=f"{case_id}:{sequence}",
        type="kz.qyzmet.case.routed.v1",
        case_id=case_id,
        case_version=sequence,
        event=b'{"sequence": 1}',
        enqueue_time=time,
    )


def delivery(of: Subscription | None = None, **changed: Any) -> Delivery:
    """Return an event that was never tried."""
    values: dict[str, Any] = {
        "subscription": of or subscription(),
        "secrets": Secrets(SECRET),
        "entry": entry(),
        "attempts": 0,
        "first_attempt_time": None,
        "failures": 0,
        "success_time": None,
    }
    return Delivery(**values | changed)


def counted(name: str, **labels: str) -> float:
    """Return how far a counter of Prometheus came."""
    return prometheus_client.REGISTRY.get_sample_value(name, labels) or 0
