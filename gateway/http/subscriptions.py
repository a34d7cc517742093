"""Subscriptions: how an office wants its feed, and how its webhooks went."""

from typing import Annotated

from fastapi import Body, Path
from fastapi import Query as FromQuery
from starlette.responses import Response

from gateway.http import bodies, examples, queries
from gateway.http.contract import BODIES, READS, tells
from gateway.http.offices import OfficeCode
from gateway.http.routers import ApiRouter
from gateway.http.session import Caller, answer, read
from qyzmet.delivery.v1 import subscriptions_pb2 as pb

router = ApiRouter(tags=["subscriptions"])

MAKES = (*BODIES, 404, 409)
DOES = (404, 409)
SubscriptionName = Annotated[
    str,
    Path(
        max_length=63,
        pattern=r"^[a-z0-9-]+$",
        description="The subscription, by its name.",
        examples=["desk"],
    ),
]
ONE = "/v1/offices/{office}/subscriptions/{name}"


@router.post(
    "/v1/offices/{office}/subscriptions",
    **tells(pb.CreateSubscriptionResponse, "The subscription, and its secret.", errors=MAKES),
)
async def create_subscription(
    office: OfficeCode,
    body: Annotated[bodies.Subscribe, Body(openapi_examples=examples.SUBSCRIBE)],
    caller: Caller,
) -> Response:
    """Subscribe an office to its feed, by webhook or by a stream with a kept cursor.

    A filter that names what does not exist is refused. A webhook's secret is shown this once;
    `activate` it to begin.
    """
    request = read(pb.CreateSubscriptionRequest, body, office=office)
    return answer(await caller.call(caller.clients.subscriptions.CreateSubscription, request))


@router.get(
    "/v1/offices/{office}/subscriptions",
    **tells(pb.ListSubscriptionsResponse, "The subscriptions, by name.", errors=READS),
)
async def list_subscriptions(office: OfficeCode, caller: Caller) -> Response:
    """List the subscriptions of an office."""
    request = pb.ListSubscriptionsRequest(office=office)
    return answer(await caller.call(caller.clients.subscriptions.ListSubscriptions, request))


@router.get(ONE, **tells(pb.GetSubscriptionResponse, "The subscription.", errors=READS))
async def get_subscription(office: OfficeCode, name: SubscriptionName, caller: Caller) -> Response:
    """Read one subscription."""
    request = pb.GetSubscriptionRequest(office=office, name=name)
    return answer(await caller.call(caller.clients.subscriptions.GetSubscription, request))


@router.put(ONE, **tells(pb.UpdateSubscriptionResponse, "The subscription.", errors=MAKES))
async def update_subscription(
    office: OfficeCode,
    name: SubscriptionName,
    body: Annotated[bodies.ChangeSubscription, Body(openapi_examples=examples.CHANGE)],
    caller: Caller,
) -> Response:
    """Replace filter and address of a subscription; it holds from the next event on."""
    request = read(pb.UpdateSubscriptionRequest, body, office=office, name=name)
    return answer(await caller.call(caller.clients.subscriptions.UpdateSubscription, request))


@router.delete(ONE, **tells(pb.DeleteSubscriptionResponse, "It is gone.", errors=READS))
async def delete_subscription(
    office: OfficeCode, name: SubscriptionName, caller: Caller
) -> Response:
    """End a subscription; the feed itself keeps everything."""
    request = pb.DeleteSubscriptionRequest(office=office, name=name)
    return answer(await caller.call(caller.clients.subscriptions.DeleteSubscription, request))


@router.post(
    f"{ONE}:activate",
    **tells(pb.ActivateSubscriptionResponse, "The subscription, active.", errors=DOES),
)
async def activate_subscription(
    office: OfficeCode, name: SubscriptionName, caller: Caller
) -> Response:
    """Send a webhook the validation event and, where its challenge comes back, begin to deliver."""
    request = pb.ActivateSubscriptionRequest(office=office, name=name)
    return answer(await caller.call(caller.clients.subscriptions.ActivateSubscription, request))


@router.post(
    f"{ONE}:rotate-secret",
    **tells(pb.RotateSecretResponse, "The subscription, and its new secret.", errors=DOES),
)
async def rotate_secret(office: OfficeCode, name: SubscriptionName, caller: Caller) -> Response:
    """Make a new secret; for a day, messages are signed with the old one too."""
    request = pb.RotateSecretRequest(office=office, name=name)
    return answer(await caller.call(caller.clients.subscriptions.RotateSecret, request))


@router.post(
    f"{ONE}:seek",
    **tells(pb.SeekSubscriptionResponse, "The subscription at its new place.", errors=MAKES),
)
async def seek_subscription(
    office: OfficeCode,
    name: SubscriptionName,
    body: Annotated[bodies.Seek, Body(openapi_examples=examples.SEEK)],
    caller: Caller,
) -> Response:
    """Move a subscription to another place of its feed, by sequence or by time."""
    request = read(pb.SeekSubscriptionRequest, body, office=office, name=name)
    return answer(await caller.call(caller.clients.subscriptions.SeekSubscription, request))


@router.get(f"{ONE}/attempts", **tells(pb.ListAttemptsResponse, "A page of attempts.", errors=DOES))
async def list_attempts(
    office: OfficeCode,
    name: SubscriptionName,
    page: Annotated[queries.AttemptPage, FromQuery()],
    caller: Caller,
) -> Response:
    """Read how each attempt to deliver went, newest first; kept for 30 days."""
    request = read(pb.ListAttemptsRequest, page, office=office, name=name)
    return answer(await caller.call(caller.clients.subscriptions.ListAttempts, request))


@router.get(
    f"{ONE}/dead-letters",
    **tells(pb.ListDeadLettersResponse, "A page of dead letters.", errors=DOES),
)
async def list_dead_letters(
    office: OfficeCode,
    name: SubscriptionName,
    page: Annotated[queries.FeedPage, FromQuery()],
    caller: Caller,
) -> Response:
    """Read which events were given up; later events of their cases wait behind them."""
    request = read(pb.ListDeadLettersRequest, page, office=office, name=name)
    return answer(await caller.call(caller.clients.subscriptions.ListDeadLetters, request))


@router.post(
    f"{ONE}:send-again", **tells(pb.SendAgainResponse, "How many are on their way.", errors=MAKES)
)
async def send_again(
    office: OfficeCode,
    name: SubscriptionName,
    body: Annotated[bodies.SendAgain, Body(openapi_examples=examples.SEND_AGAIN)],
    caller: Caller,
) -> Response:
    """Have dead letters delivered again, those named or all, each case in order."""
    request = read(pb.SendAgainRequest, body, office=office, name=name)
    return answer(await caller.call(caller.clients.subscriptions.SendAgain, request))
