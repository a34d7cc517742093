"""Subscriptions over HTTP."""

from typing import Any

import httpx
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.http import examples
from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import Peer

ALL = "/v1/offices/MIA/subscriptions"
ONE = f"{ALL}/desk"
NAMED = {"office": "MIA", "name": "desk"}
WEBHOOK = {"name": "desk", "kind": "webhook", "url": "https://office.kz/"}


@pytest.mark.parametrize(
    ("method", "path", "body", "asked"),
    [
        (
            "POST",
            ALL,
            {**WEBHOOK, "filter": {"types": ["routed"], "regions": ["75"]}, "after_sequence": -1},
            pb.CreateSubscriptionRequest(
                kind=pb.SUBSCRIPTION_KIND_WEBHOOK,
                url="https://office.kz/",
                filter=pb.Filter(types=["routed"], regions=["75"]),
                after_sequence=-1,
                **NAMED,
            ),
        ),
        ("GET", ALL, None, pb.ListSubscriptionsRequest(office="MIA")),
        ("GET", ONE, None, pb.GetSubscriptionRequest(**NAMED)),
        (
            "PUT",
            ONE,
            {"filter": {"service_ids": ["a.b"]}},
            pb.UpdateSubscriptionRequest(filter=pb.Filter(service_ids=["a.b"]), **NAMED),
        ),
        ("DELETE", ONE, None, pb.DeleteSubscriptionRequest(**NAMED)),
        ("POST", f"{ONE}:activate", None, pb.ActivateSubscriptionRequest(**NAMED)),
        ("POST", f"{ONE}:rotate-secret", None, pb.RotateSecretRequest(**NAMED)),
        (
            "POST",
            f"{ONE}:seek",
            {"after_sequence": 0},
            pb.SeekSubscriptionRequest(after_sequence=0, **NAMED),
        ),
        (
            "POST",
            f"{ONE}:seek",
            {"from_time": "1970-01-01T00:00:07Z"},
            pb.SeekSubscriptionRequest(from_time=Timestamp(seconds=7), **NAMED),
        ),
        (
            "GET",
            f"{ONE}/attempts?before_id=9&page_size=5",
            None,
            pb.ListAttemptsRequest(before_id=9, page_size=5, **NAMED),
        ),
        (
            "GET",
            f"{ONE}/dead-letters?after_sequence=3",
            None,
            pb.ListDeadLettersRequest(after_sequence=3, page_size=100, **NAMED),
        ),
        (
            "POST",
            f"{ONE}:send-again",
            {"sequences": [17]},
            pb.SendAgainRequest(sequences=[17], **NAMED),
        ),
    ],
)
def test_a_request_reaches_delivery(
    http: httpx.Client,
    peer: Peer,
    sign: Sign,
    *,
    method: str,
    path: str,
    body: Any,
    asked: Message,
) -> None:
    """Each route calls its own verb with the office, the name and what was given."""
    answer = http.request(method, path, json=body, headers=sign(Role.OFFICER, "MIA"))

    assert answer.status_code == 200, answer.text
    if isinstance(asked, pb.UpdateSubscriptionRequest | pb.CreateSubscriptionRequest):
        peer.asked[0].filter.SetInParent()  # type: ignore[attr-defined]
    assert peer.asked == [asked]


@pytest.mark.parametrize(
    "body",
    [
        {},
        WEBHOOK | {"kind": "pigeon"},
        WEBHOOK | {"filter": {"office": ["x"]}},
        WEBHOOK | {"filter": {"types": "routed"}},
        WEBHOOK | {"after_sequence": -2},
        WEBHOOK | {"name": "Ä"},
    ],
)
def test_a_filter_or_kind_nobody_knows_is_refused(
    http: httpx.Client, peer: Peer, sign: Sign, body: Any
) -> None:
    """A name that is not one of ours is never passed over in silence."""
    answer = http.post(ALL, json=body, headers=sign(Role.OFFICER, "MIA"))

    assert answer.status_code == 400
    assert peer.asked == []


@pytest.mark.parametrize(
    "body", [{}, {"after_sequence": 1, "from_time": "2026-01-01T00:00:00Z"}, {"from_time": "soon"}]
)
def test_a_place_is_one_place(http: httpx.Client, sign: Sign, body: Any) -> None:
    """Neither none, nor two, nor one nobody can find."""
    answer = http.post(f"{ONE}:seek", json=body, headers=sign(Role.OFFICER, "MIA"))

    assert answer.status_code == 400


@pytest.mark.parametrize("example", examples.SUBSCRIBE.values(), ids=examples.SUBSCRIBE)
def test_every_example_is_taken(http: httpx.Client, sign: Sign, example: Any) -> None:
    """What the document shows works as it stands."""
    answer = http.post(ALL, json=example["value"], headers=sign(Role.OFFICER, "MIA"))

    assert answer.status_code == 200
